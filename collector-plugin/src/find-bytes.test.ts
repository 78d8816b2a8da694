import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isNamedBy } from './extract/outcome.ts';
import { findBytes } from './find-bytes.ts';
import { cutStackText } from './store/cut-stack-text.ts';

const letters = (count: number) => Buffer.alloc(count, 'a');

describe('findBytes', () => {
  it('finds what a plain search finds', () => {
    const bytes = fc
      .string({ unit: fc.constantFrom('a', 'b'), maxLength: 20 })
      .map((text) => Buffer.from(text));
    fc.assert(
      fc.property(bytes, bytes, bytes, fc.nat(30), (before, part, after, from) => {
        const text = Buffer.concat([before, part, after]);
        expect(findBytes(text, part, from)).toBe(text.indexOf(part, from));
      }),
    );
  });

  it.each([
    ['at the beginning', '', 'behind'],
    ['in the middle', 'before ', ' behind'],
    ['at the end', 'before ', ''],
    ['behind what begins alike', `${'a'.repeat(255)} `, ''],
  ])('finds a long part: %s', (_, before, behind) => {
    const part = Buffer.from(`${'a'.repeat(500)}bc`);
    const text = Buffer.concat([Buffer.from(before), part, Buffer.from(behind)]);
    const found = findBytes(text, part);
    expect(found).toBe(text.indexOf(part));
    expect(found).toBeGreaterThan(-1);
    expect(findBytes(text, part, found + 1)).toBe(-1);
    expect(findBytes(text, Buffer.concat([part, Buffer.from('!')]))).toBe(-1);
  });

  const text = letters(10_000_000);
  const part = Buffer.concat([letters(1_000_000), Buffer.from('b'), letters(1_000_000)]);

  it.each([
    ['a part', () => findBytes(text, part)],
    ['the message in a stack text', () => cutStackText(text, part)],
    ['the message in the status of a span', () => isNamedBy(text, { message: part })],
    [
      'many short messages in the status of a span',
      () => {
        for (let index = 0; index < 10_000; index += 1) {
          isNamedBy(text, { message: Buffer.from(`aaaa${index}`) });
        }
      },
    ],
  ])('takes no longer where a text nearly matches everywhere: %s', (_, search) => {
    const startedAt = performance.now();
    search();
    expect(performance.now() - startedAt).toBeLessThan(5_000);
  });
});
