import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { attachment, safeFilename, traceFilename } from './filename.ts';

describe('traceFilename', () => {
  it.each([
    ['run_4711', 'run_4711_trace.txt'],
    ['run/1', 'run_1_trace.txt'],
    ['../../etc/passwd', '___.._etc_passwd_trace.txt'],
    ['C:\\a|b?c*d<e>f"g', 'C__a_b_c_d_e_f_g_trace.txt'],
    ['a\r\nSet-Cookie: x', 'a__Set-Cookie_ x_trace.txt'],
    ['.hidden', '_hidden_trace.txt'],
    ['bücher-💥', 'bücher-💥_trace.txt'],
    ['\u202egnp.exe', '_gnp.exe_trace.txt'],
  ])('%j becomes %j', (runId, name) => {
    expect(traceFilename(runId)).toBe(name);
  });

  it('fits into any file system', () => {
    const name = traceFilename('💥'.repeat(256));
    expect(Buffer.byteLength(name)).toBeLessThanOrEqual(255);
    expect(name.isWellFormed()).toBe(true);
  });
});

describe('attachment', () => {
  it.each([
    ['run_1_trace.txt', 'attachment; filename="run_1_trace.txt"'],
    ['ü.txt', `attachment; filename="_.txt"; filename*=UTF-8''%C3%BC.txt`],
    [`💥'(1)!`, `attachment; filename="_'(1)!"; filename*=UTF-8''%F0%9F%92%A5%27%281%29%21`],
  ])('names %j', (name, header) => {
    expect(attachment(name)).toBe(header);
  });

  it('is a valid header with one file name for whatever run id', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', minLength: 1, maxLength: 300 }), (runId) => {
        const header = attachment(traceFilename(runId));
        expect(header).toMatch(/^attachment; filename="[^"\\]+"(; filename\*=UTF-8''[\w.%~-]+)?$/);
        expect(header).toMatch(/^[\x20-\x7e]+$/);
        expect(new Headers({ 'Content-Disposition': header }).get('Content-Disposition')).toBe(
          header,
        );
      }),
    );
  });
});

describe('safeFilename', () => {
  it.each(['run_1_trace.txt', 'a', '-', 'A.b-c_d', 'x'.repeat(200)])('takes %j', (name) => {
    expect(safeFilename.test(name)).toBe(true);
  });

  it.each(['', '.', '..', '.x', 'a/b', 'a\\b', 'a b', 'a"b', 'ü', 'a\n', 'x'.repeat(201)])(
    'refuses %j',
    (name) => {
      expect(safeFilename.test(name)).toBe(false);
    },
  );
});
