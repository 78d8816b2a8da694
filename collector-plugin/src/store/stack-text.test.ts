import { describe, expect, it } from 'vitest';
import { STACK_TEXT_CHUNK_BYTES } from './schema.ts';
import { chunksOf, textHash } from './stack-text.ts';

describe('textHash', () => {
  it('begins with what similar texts have in common, and names each for all that', () => {
    const [one, other] = ['one', 'other'].map((text) => textHash(Buffer.from(text), 0xcafe));
    expect([one, other].map((name) => name?.toString('hex', 0, 2))).toEqual(['cafe', 'cafe']);
    expect(one?.subarray(2)).not.toEqual(other?.subarray(2));
    expect(one).toHaveLength(16);
    // Of its SHA-256, as anybody can work it out.
    expect(textHash(Buffer.from('')).toString('hex')).toBe('0000c44298fc1c149afbf4c8996fb924');
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
