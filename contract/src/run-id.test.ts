import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isRunId } from './run-id.ts';

describe('isRunId', () => {
  it.each(['run_4711', ' ', '...', './a', 'a/b', '💥'.repeat(256), 'x'.repeat(256)])(
    'takes %j',
    (text) => {
      expect(isRunId(text)).toBe(true);
    },
  );

  it.each(['', '.', '..', 'x'.repeat(257), '💥'.repeat(257), 'a\nb', '\u0000', '\u009f', '\ud800'])(
    'refuses %j',
    (text) => {
      expect(isRunId(text)).toBe(false);
    },
  );

  it('takes nothing that UTF-8 could not carry there and back', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 300 }), (text) => {
        fc.pre(isRunId(text));
        expect(Buffer.from(text).toString('utf8')).toBe(text);
      }),
    );
  });
});
