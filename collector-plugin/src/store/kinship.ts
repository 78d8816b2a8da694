/** More of a line does not tell more. */
const MOST_BYTES = 128;

const OFFSET_BASIS = 0x811c9dc5;
const PRIME = 0x01000193;

/** A part of a text, by the offsets of its first byte and of the one behind its last. */
interface Part {
  from: number;
  to: number;
}

/**
 * 16 bits of some parts of a text: what texts from the same place in the code have in common, if the
 * parts are their first and their last stack frame. FNV-1a: it need not resist anybody, and takes 0.1 µs.
 */
export function kinshipOf(text: Buffer, parts: readonly Part[]): number {
  let hash = OFFSET_BASIS;
  for (const { from, to } of parts) {
    const end = Math.min(to, from + MOST_BYTES);
    for (let at = from; at < end; at += 1) hash = Math.imul(hash ^ (text[at] ?? 0), PRIME);
  }
  return ((hash >>> 16) ^ hash) & 0xffff;
}
