import { describe, expect, it } from 'vitest';
import { type ChipInput, readConfig, readCredentials } from './chip-config.ts';
import { ambiguousRun, failedRun } from './testing/runs.ts';

const input: ChipInput = {
  runId: 'run_1',
  namespace: null,
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

  it('does not show the run of another namespace', () => {
    const run = failedRun('run_1', { namespace: 'bank' });
    expect(readConfig({ ...input, namespace: 'shop', run })).toMatchObject({ run: null });
    expect(readConfig({ ...input, namespace: '', run })).toMatchObject({ run: null });
    expect(readConfig({ ...input, namespace: 'bank', run })).toMatchObject({ run });
  });

  it.each([
    ['shop', 'shop', 'shop_run_1_trace.txt'],
    ['', '', 'run_1_trace.txt'],
    [null, null, 'run_1_trace.txt'],
    [undefined, null, 'run_1_trace.txt'],
  ])('asks in the namespace %j and names the file by it', (attribute, namespace, filename) => {
    const config = readConfig({ ...input, namespace: attribute });
    expect(config).toMatchObject({ ok: true, namespace, filename });
  });

  it.each<[string, unknown, string | null]>([
    ['its own', failedRun('run_1', { namespace: 'bank' }), 'bank'],
    ['that it has none', failedRun('run_1', { namespace: '' }), ''],
    ['nothing, in a record that a page has made', { run_id: 'run_1', status: 'failed' }, null],
    ['nothing, of a run that is not known yet', failedRun('run_1', { status: 'unknown' }), null],
    ['nothing, of several runs', ambiguousRun('run_1', ['bank', '']), null],
  ])('lets a run say where to ask for it: %s', (_, run, namespace) => {
    expect(readConfig({ ...input, run })).toMatchObject({
      run: { run_id: 'run_1' },
      namespace,
      filename: 'run_1_trace.txt',
    });
  });

  it('takes a record that names no namespace for any, unless it asks for one', () => {
    const shown = (run: unknown) => {
      const config = readConfig({ ...input, namespace: 'shop', run });
      return config.ok && config.run !== null;
    };
    expect(shown({ run_id: 'run_1', status: 'failed' })).toBe(true);
    expect(shown(failedRun('run_1', { status: 'unknown' }))).toBe(true);
    expect(shown(ambiguousRun('run_1', ['bank', 'shop']))).toBe(false);
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
