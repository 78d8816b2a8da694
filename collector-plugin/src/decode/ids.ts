/** The lengths of ids, in bytes. */
export const TRACE_ID_BYTES = 16;
export const SPAN_ID_BYTES = 8;

/**
 * Tells whether the bytes from `start` to `end` are an id as the W3C Trace Context wants it: of the
 * right length, and not all zero.
 */
export function isId(bytes: Buffer, length: number, start = 0, end = bytes.length): boolean {
  if (end - start !== length) return false;
  for (let at = start; at < end; at += 1) if (bytes[at] !== 0) return true;
  return false;
}
