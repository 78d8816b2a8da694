import { hash } from 'node:crypto';
import { STACK_TEXT_CHUNK_BYTES } from './schema.ts';

/** A message shorter than this saves less by being cut out than its offsets cost. */
const SHORTEST_CUT_BYTES = 4;
/** A message that stands in its text more often than this is cut out of the first places only. */
const MOST_CUTS = 32;
const TEXT_HASH_BYTES = 16;

/** A stack text without its message, which is the part of it that varies from failure to failure. */
export interface CutStackText {
  /** The text with every occurrence of the message left out. */
  template: Buffer;
  /** Ascending byte offsets in the whole text at which the message stood. */
  messageOffsets: number[];
}

/**
 * Cuts the message out of a stack text, so that failures that differ in their message alone share
 * one stored text. Putting the message back at the offsets gives the text byte for byte.
 */
export function cutMessage(stackText: Buffer, message: Buffer): CutStackText {
  const messageOffsets: number[] = [];
  const kept: Buffer[] = [];
  let keptTo = 0;
  if (message.length >= SHORTEST_CUT_BYTES) {
    while (messageOffsets.length < MOST_CUTS) {
      const at = stackText.indexOf(message, keptTo);
      if (at === -1) break;
      messageOffsets.push(at);
      kept.push(stackText.subarray(keptTo, at));
      keptTo = at + message.length;
    }
  }
  if (messageOffsets.length === 0) return { template: stackText, messageOffsets };
  kept.push(stackText.subarray(keptTo));
  return { template: Buffer.concat(kept), messageOffsets };
}

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
