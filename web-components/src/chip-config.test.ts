import { describe, expect, it } from 'vitest';
import { type ChipInput, readConfig, readCredentials } from './chip-config.ts';
import { failedRun } from './testing/runs.ts';

const input: ChipInput = {
  runId: 'run_1',
  api: 'https://failtrace.example',
  run: null,
  pageUrl: 'https://dashboard.example/',
};

describe('readConfig', () => {
  it('understands a run id and an address', () => {
    const config = readConfig(input);
    expect(config).toMatchObject({ ok: true, runId: 'run_1', run: null });
    expect(config.ok && config.api.href).toBe('https://failtrace.example/');
  });

  it('takes the run id from the run', () => {
    const run = failedRun('run_2');
    expect(readConfig({ ...input, runId: null, run })).toMatchObject({
      ok: true,
      runId: 'run_2',
      run,
    });
  });

  it('does not show the run of the row before', () => {
    const run = failedRun('run_2');
    expect(readConfig({ ...input, run })).toMatchObject({ ok: true, runId: 'run_1', run: null });
  });

  it.each([
    [{ runId: '' }, 'bad_run_id', 'run-id ""'],
    [{ runId: 'a\u0007b' }, 'bad_run_id', String.raw`run-id "a\u0007b"`],
    [{ api: 'javascript:alert(1)' }, 'bad_api', 'api "javascript:alert(1)"'],
    [{ api: 'x'.repeat(5_000) }, 'bad_api', `api "${'x'.repeat(100)}…"`],
  ])('says what is wrong with %j', (wrong, problem, words) => {
    const config = readConfig({ ...input, ...wrong });
    expect(config).toMatchObject({ ok: false, problem });
    expect(!config.ok && config.warning).toContain(words);
  });
});

describe('readCredentials', () => {
  it.each([
    ['omit', 'omit'],
    ['include', 'include'],
    ['same-origin', 'same-origin'],
    [null, 'same-origin'],
    ['INCLUDE', 'same-origin'],
    ['everything', 'same-origin'],
  ])('takes %j as %j', (value, credentials) => {
    expect(readCredentials(value)).toBe(credentials);
  });
});
