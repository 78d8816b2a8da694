import { hash } from 'node:crypto';
import { STACK_TEXT_CHUNK_BYTES } from './schema.ts';

const TEXT_HASH_BYTES = 16;

/**
 * The name of a stored text: two bytes that similar texts have in common, and 14 of its SHA-256. Texts are
 * stored in the order of their names, so what similar ones share is compressed away. Senders are
 * not trusted, and a text that two of them share must not be replaceable by either, so a fast weak hash
 * alone would not do.
 *
 * @param kinship 16 bits
 */
export function textHash(template: Buffer, kinship = 0): Buffer {
  const name = hash('sha256', template, 'buffer').subarray(0, TEXT_HASH_BYTES);
  name.writeUInt16BE(kinship);
  return name;
}

/** Splits a template into the chunks that are stored, each a view. An empty one has one chunk. */
export function chunksOf(template: Buffer): Buffer[] {
  const count = Math.max(1, Math.ceil(template.length / STACK_TEXT_CHUNK_BYTES));
  return Array.from({ length: count }, (_, index) =>
    template.subarray(index * STACK_TEXT_CHUNK_BYTES, (index + 1) * STACK_TEXT_CHUNK_BYTES),
  );
}
