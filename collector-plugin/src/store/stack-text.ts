import { hash } from 'node:crypto';
import { STACK_TEXT_CHUNK_BYTES } from './schema.ts';

const TEXT_HASH_BYTES = 16;

/**
 * The name of a stored text: the first 16 bytes of its SHA-256. Senders are not trusted, and a text
 * that two of them share must not be replaceable by either, so a fast weak hash would not do.
 */
export function textHash(template: Buffer): Buffer {
  return hash('sha256', template, 'buffer').subarray(0, TEXT_HASH_BYTES);
}

/** Splits a template into the chunks that are stored, each a view. An empty one has one chunk. */
export function chunksOf(template: Buffer): Buffer[] {
  const count = Math.max(1, Math.ceil(template.length / STACK_TEXT_CHUNK_BYTES));
  return Array.from({ length: count }, (_, index) =>
    template.subarray(index * STACK_TEXT_CHUNK_BYTES, (index + 1) * STACK_TEXT_CHUNK_BYTES),
  );
}
