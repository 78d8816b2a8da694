/** More of a line does not tell more. */
const MOST_BYTES = 128;

const OFFSET_BASIS = 0x811c9dc5;
const PRIME = 0x01000193;

/** A part of a text, by the offsets of its first byte and of the one behind its last. */
interface Part {
  from: number;
  to: number;
}

/** How Python says that the frame in which an exception came up stands last. */
const INNERMOST_IS_LAST = Buffer.from('(most recent call last)');
/** It stands in the first line, if at all. */
const LOOKED_THROUGH_BYTES = 128;

/**
 * What texts have in common whose exceptions came up in the same place of the code, in 16 bits: of the
 * innermost stack frame, which stays when an exception gets more frames on its way. FNV-1a: it need not resist
 * anybody, and takes 0.1 µs.
 */
export function kinshipOf(text: Buffer, firstFrame: Part, lastFrame: Part): number {
  const isLast = text.subarray(0, LOOKED_THROUGH_BYTES).includes(INNERMOST_IS_LAST);
  const { from, to } = isLast ? lastFrame : firstFrame;
  const end = Math.min(to, from + MOST_BYTES);
  let hash = OFFSET_BASIS;
  for (let at = from; at < end; at += 1) hash = Math.imul(hash ^ (text[at] ?? 0), PRIME);
  return ((hash >>> 16) ^ hash) & 0xffff;
}
