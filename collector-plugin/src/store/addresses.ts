import type { Cuts } from './cuts.ts';

/** A shorter number on the line of a frame is no address. */
const SHORTEST_ADDRESS_BYTES = '0x'.length + 6;

/** With what an address begins, to find out quickly that a text has none. */
export const ADDRESS_PREFIX = Buffer.from('0x');

const ZERO = '0'.charCodeAt(0);
const X = 'x'.charCodeAt(0);
const PLUS = '+'.charCodeAt(0);

/**
 * Cuts the addresses out of the line of a stack frame: they differ from process to process, as in
 * `4: 0x55f1c8a3d4e2 - core::panicking` and `Place$$Lambda/0x000073a81c0c1c38.run`. An offset in
 * compiled code, `+0x1d`, does not.
 */
export function cutAddresses(text: Buffer, from: number, to: number, cuts: Cuts): void {
  let done = from;
  for (let at = from; at < to; at += 1) {
    if (text[at] !== X || text[at - 1] !== ZERO || at <= done) continue;
    let end = at + 1;
    while (end < to && isHexDigit(text[end])) end += 1;
    const start = at - 1;
    const isAddress = end - start >= SHORTEST_ADDRESS_BYTES && text[start - 1] !== PLUS;
    if (isAddress && !cuts.add(start, end)) return;
    done = end;
    at = end - 1;
  }
}

function isHexDigit(byte: number | undefined): boolean {
  if (byte === undefined) return false;
  const letter = byte & ~32;
  return (byte >= 0x30 && byte <= 0x39) || (letter >= 0x41 && letter <= 0x46);
}
