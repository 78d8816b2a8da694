import { describe, expect, it } from 'vitest';
import { runOf } from '../testing/run-of.ts';
import type { Run } from './run-client.js';
import { summarise } from './summary.js';

const run = (status: Run['status'], fingerprint = '', attempts = 1): Run =>
  runOf('x', { status, fingerprint, attempts });

describe('summarise', () => {
  it('counts runs, failures, their share, their kinds and retries', () => {
    const runs = [run('failed', 'a', 2), run('failed', 'a'), run('failed', 'b'), run('ok', '', 3)];
    expect(summarise({ runs, next_cursor: null })).toEqual({
      runs: '4',
      failed: '3',
      rate: '75 %',
      errors: '2',
      retried: '2',
    });
  });

  it('says where there are more than it has seen', () => {
    const { runs, failed } = summarise({ runs: [run('failed', 'a')], next_cursor: 'x' });
    expect([runs, failed]).toEqual(['1+', '1+']);
  });

  it('has no rate without runs', () => {
    expect(summarise({ runs: [], next_cursor: null }).rate).toBe('–');
  });
});
