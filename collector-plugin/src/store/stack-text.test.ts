import { describe, expect, it } from 'vitest';
import { STACK_TEXT_CHUNK_BYTES } from './schema.ts';
import { chunksOf } from './stack-text.ts';

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
