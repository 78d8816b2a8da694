import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { traceFilename } from './trace-filename.ts';

describe('traceFilename', () => {
  it.each([
    ['8f14e45f', 'run_8f14e45f_trace.txt'],
    ['run_8f14e45f', 'run_8f14e45f_trace.txt'],
    ['RUN_1', 'run_RUN_1_trace.txt'],
    ['runner', 'run_runner_trace.txt'],
    ['nightly/import 2026-11-21', 'run_nightly_import_2026-11-21_trace.txt'],
    ['../../etc/passwd', 'run_.._.._etc_passwd_trace.txt'],
    ['.hidden', 'run_.hidden_trace.txt'],
    ['a"b\r\nc', 'run_a_b__c_trace.txt'],
    ['Übung-😀', 'run__bung-__trace.txt'],
  ])('names %j %j', (runId, name) => {
    expect(traceFilename(runId)).toBe(name);
  });

  it('keeps the ending of a name that is too long', () => {
    const name = traceFilename('x'.repeat(256));
    expect(name).toHaveLength(200);
    expect(name).toMatch(/^run_x+_trace\.txt$/);
  });

  it('is a safe base name for every id', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 300 }), (runId) => {
        expect(traceFilename(runId)).toMatch(/^run_[A-Za-z0-9._-]{0,186}_trace\.txt$/);
      }),
    );
  });
});
