import { traceFilename } from '@failtrace/contract';
import { parse } from 'content-disposition';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { attachment } from './attachment.ts';

describe('attachment', () => {
  it.each([
    ['run_1_trace.txt', 'attachment; filename="run_1_trace.txt"'],
    ['ü.txt', `attachment; filename="_.txt"; filename*=UTF-8''%C3%BC.txt`],
    [`💥'(1)!`, `attachment; filename="_'(1)!"; filename*=UTF-8''%F0%9F%92%A5%27%281%29!`],
  ])('names %j', (name, header) => {
    expect(attachment(name)).toBe(header);
  });

  it('is a valid header with one file name for whatever run id', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', minLength: 1, maxLength: 300 }), (runId) => {
        const name = traceFilename({ runId });
        const header = attachment(name);
        expect(header).toMatch(/^attachment; filename="[^"\\]+"(; filename\*=UTF-8''[\w.%~!-]+)?$/);
        expect(header).toMatch(/^[\x20-\x7e]+$/);
        expect(parse(header).parameters['filename']).toBe(name);
        expect(new Headers({ 'Content-Disposition': header }).get('Content-Disposition')).toBe(
          header,
        );
      }),
    );
  });
});
