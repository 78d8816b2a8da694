import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { chipTraceFilename, isSafeFilename, traceFilename } from './trace-filename.ts';

const anyText = fc.string({ unit: 'binary', maxLength: 300 });

describe('traceFilename', () => {
  it.each([
    ['run_4711', 'run_4711_trace.txt'],
    ['4711', '4711_trace.txt'],
    ['run/1', 'run_1_trace.txt'],
    ['../../etc/passwd', '___.._etc_passwd_trace.txt'],
    ['C:\\a|b?c*d<e>f"g', 'C__a_b_c_d_e_f_g_trace.txt'],
    ['a\r\nSet-Cookie: x', 'a__Set-Cookie_ x_trace.txt'],
    ['.hidden', '_hidden_trace.txt'],
    ['bücher-💥', 'bücher-💥_trace.txt'],
    ['\u202egnp.exe', '_gnp.exe_trace.txt'],
  ])('%j becomes %j', (runId, name) => {
    expect(traceFilename({ runId })).toBe(name);
  });

  it('tells the namespace where there is one to tell', () => {
    expect(traceFilename({ runId: '1', namespace: 'shop/eu' })).toBe('shop_eu_1_trace.txt');
    expect(traceFilename({ runId: '1', namespace: '' })).toBe('1_trace.txt');
  });

  it('fits into any file system, whatever the id', () => {
    fc.assert(
      fc.property(anyText, anyText, (runId, namespace) => {
        const name = traceFilename({ runId, namespace });
        expect(Buffer.byteLength(name)).toBeLessThanOrEqual(200);
        expect(name.isWellFormed()).toBe(true);
        expect(name).toMatch(/^[^.\s/\\:].*_trace\.txt$|^_trace\.txt$/su);
      }),
    );
  });
});

describe('chipTraceFilename', () => {
  it.each([
    ['8f14e45f', 'run_8f14e45f_trace.txt'],
    ['run_8f14e45f', 'run_8f14e45f_trace.txt'],
    ['RUN_1', 'run_RUN_1_trace.txt'],
    ['runner', 'run_runner_trace.txt'],
    ['nightly/import 2026-11-21', 'run_nightly_import_2026-11-21_trace.txt'],
    ['../../etc/passwd', 'run_.._.._etc_passwd_trace.txt'],
    ['a"b\r\nc', 'run_a_b__c_trace.txt'],
    ['Übung-😀', 'run__bung-__trace.txt'],
  ])('names %j %j', (runId, name) => {
    expect(chipTraceFilename({ runId })).toBe(name);
  });

  it('puts the namespace in front', () => {
    expect(chipTraceFilename({ runId: '1', namespace: 'shop' })).toBe('shop_run_1_trace.txt');
  });

  it('is a name that ?filename= takes, for every run', () => {
    fc.assert(
      fc.property(anyText, anyText, (runId, namespace) => {
        const name = chipTraceFilename({ runId, namespace });
        expect(isSafeFilename(name)).toBe(true);
        expect(name).toMatch(/_trace\.txt$/);
      }),
    );
  });
});

describe('isSafeFilename', () => {
  it.each(['run_1_trace.txt', 'a.txt', '-.log', 'A.b-c_d.txt', `${'x'.repeat(196)}.txt`])(
    'takes %j',
    (name) => {
      expect(isSafeFilename(name)).toBe(true);
    },
  );

  it.each([
    '',
    '.',
    '..',
    '.x.txt',
    '.txt',
    'a/b.txt',
    'a\\b.txt',
    'a b.txt',
    'a"b.txt',
    'ü.txt',
    'a.txt\n',
    `${'x'.repeat(197)}.txt`,
    'a',
    'x.html',
    'x.bat',
    'x.hta',
    'x.txt.exe',
    'con',
    'CON.txt',
    'nul.log',
    'com1.txt',
    'lpt9.a.txt',
    'aux.txt',
  ])('refuses %j', (name) => {
    expect(isSafeFilename(name)).toBe(false);
  });
});
