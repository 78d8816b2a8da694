import { isUtf8 } from 'node:buffer';

/** The longest namespace, service name, span name or exception type that is kept, in bytes. */
export const LABEL_MAX_BYTES = 1_024;

/** The longest character of UTF-8, in bytes. */
const CHARACTER_MAX_BYTES = 4;

/**
 * A text that rows are grouped and filtered by, made fit for that: well-formed UTF-8, in which U+FFFD
 * stands for each invalid part, of at most 1,024 bytes, cut at a character.
 */
export function asLabel(bytes: Buffer): Buffer {
  if (bytes.length <= LABEL_MAX_BYTES && isUtf8(bytes)) return bytes;
  const beginning = bytes.subarray(0, LABEL_MAX_BYTES + CHARACTER_MAX_BYTES);
  const wellFormed = Buffer.from(beginning.toString());
  let end = Math.min(wellFormed.length, LABEL_MAX_BYTES);
  while (end < wellFormed.length && isContinuation(wellFormed[end])) end -= 1;
  return wellFormed.subarray(0, end);
}

/** Tells whether `asLabel` leaves out some of this text. */
export function isTooLong(bytes: Buffer): boolean {
  return bytes.length > LABEL_MAX_BYTES;
}

function isContinuation(byte = 0): boolean {
  return (byte & 0xc0) === 0x80;
}
