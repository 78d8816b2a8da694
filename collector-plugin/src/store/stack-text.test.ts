import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { STACK_TEXT_CHUNK_BYTES } from './schema.ts';
import { chunksOf, cutMessage, textHash, type CutStackText } from './stack-text.ts';

/** What a reader does, here in the simplest way. */
function putBack({ template, messageOffsets }: CutStackText, message: Buffer): Buffer {
  let text = template;
  for (const at of messageOffsets) {
    text = Buffer.concat([text.subarray(0, at), message, text.subarray(at)]);
  }
  return text;
}

const cut = (text: string, message: string) => cutMessage(Buffer.from(text), Buffer.from(message));

describe('cutMessage', () => {
  it.each([
    ['at the top', 'Error: Order 4711 is gone\n    at x', 'Order 4711 is gone', [7]],
    ['at the end, as Python has it', 'Traceback\nKeyError: Order 4711', 'Order 4711', [20]],
    ['again in a cause', 'A: gone 7\nCaused by: B: gone 7', 'gone 7', [3, 24]],
    ['as the whole text', 'gone 7', 'gone 7', [0]],
    ['nowhere', 'Error\n    at x', 'another', []],
    ['but too short to be worth it', 'Error: no\n    at x', 'no', []],
    ['empty', 'Error\n    at x', '', []],
  ])('finds a message that stands %s', (_, text, message, offsets) => {
    const result = cut(text, message);
    expect(result.messageOffsets).toEqual(offsets);
    expect(putBack(result, Buffer.from(message)).toString()).toBe(text);
  });

  it('makes one text of failures that differ in their message', () => {
    const texts = ['Order 1 is gone', 'Order 22 is gone'].map((message) =>
      textHash(cut(`E: ${message}\n    at x`, message).template).toString('hex'),
    );
    expect(texts[0]).toBe(texts[1]);
    expect(texts[0]).toHaveLength(32);
  });

  it('gives back every text, whatever its message', () => {
    const bytes = fc.uint8Array({ maxLength: 60 });
    fc.assert(
      fc.property(fc.array(bytes, { maxLength: 40 }), bytes, (parts, message) => {
        const text = Buffer.concat(parts.flatMap((part) => [part, message]));
        const result = cutMessage(text, Buffer.from(message));
        expect(putBack(result, Buffer.from(message)).equals(text)).toBe(true);
      }),
      { numRuns: 500 },
    );
  });
});

describe('chunksOf', () => {
  it.each([
    [0, 1],
    [1, 1],
    [STACK_TEXT_CHUNK_BYTES, 1],
    [STACK_TEXT_CHUNK_BYTES + 1, 2],
    [STACK_TEXT_CHUNK_BYTES * 3, 3],
  ])('splits %i bytes into %i chunks', (length, count) => {
    const text = Buffer.alloc(length, 'x');
    const chunks = chunksOf(text);
    expect(chunks).toHaveLength(count);
    expect(Buffer.concat(chunks).equals(text)).toBe(true);
  });
});
