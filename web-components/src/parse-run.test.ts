import { describe, expect, it } from 'vitest';
import { parseRun } from './parse-run.ts';
import { ambiguousRun, failedRun, runWithoutTrace } from './testing/runs.ts';

describe('parseRun', () => {
  it('takes a whole run as it is', () => {
    const run = failedRun('run/1');
    expect(parseRun(JSON.parse(JSON.stringify(run)))).toEqual(run);
    const cut = failedRun('1', { error_message_truncated: true, incomplete: true });
    expect(parseRun(cut)).toEqual(cut);
    const ambiguous = ambiguousRun('1', ['bank', '']);
    expect(parseRun(ambiguous)).toEqual(ambiguous);
    const expired = runWithoutTrace('1', 'expired');
    expect(parseRun(expired)).toEqual(expired);
  });

  it.each([null, undefined, 'run', 7, [], {}, { run_id: 7 }])('refuses %j', (value) => {
    expect(parseRun(value)).toBeNull();
  });

  it('fills in what is missing or of another type', () => {
    expect(parseRun({ run_id: '1', error_message: 7, attempts: -1, status: 'new' })).toEqual({
      run_id: '1',
      status: 'unknown',
      namespace: '',
      service: '',
      name: '',
      started_at: null,
      ended_at: null,
      attempts: 0,
      error_type: '',
      error_message: '',
      error_message_truncated: false,
      fingerprint: '',
      incomplete: false,
      failures_left_out: null,
      namespaces: undefined,
      trace: {
        available: false,
        reason: 'not_recorded',
        url: null,
        bytes: null,
        truncated: false,
        upstream_truncated: false,
        masked: false,
        expires_at: null,
      },
    });
  });

  it('keeps of the namespaces those that are names', () => {
    expect(parseRun({ run_id: '1', namespaces: ['a', 7, null, ''] })?.namespaces).toEqual([
      'a',
      '',
    ]);
    expect(parseRun({ run_id: '1', namespaces: 'a' })?.namespaces).toBeUndefined();
  });

  it('takes no trace without a URL for available', () => {
    const { trace } = failedRun('1');
    expect(parseRun({ run_id: '1', trace: { ...trace, url: null } })?.trace.available).toBe(false);
  });

  it('knows no reason that it cannot explain', () => {
    const run = parseRun({ run_id: '1', trace: { available: false, reason: 'archived' } });
    expect(run?.trace).toMatchObject({ available: false, reason: null });
  });
});
