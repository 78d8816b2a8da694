import { MalformedBodyError } from '../errors.ts';

/*
 * The grammar of RFC 8259 below arrays and objects, as functions from one position to another. The
 * bytes are UTF-8 that has been checked.
 */

/** The bytes that the grammar gives a meaning. */
export const byteOf = {
  space: 0x20,
  quote: 0x22,
  plus: 0x2b,
  comma: 0x2c,
  minus: 0x2d,
  point: 0x2e,
  zero: 0x30,
  nine: 0x39,
  colon: 0x3a,
  openArray: 0x5b,
  backslash: 0x5c,
  closeArray: 0x5d,
  e: 0x65,
  f: 0x66,
  n: 0x6e,
  t: 0x74,
  u: 0x75,
  openObject: 0x7b,
  closeObject: 0x7d,
} as const;

const TRUE = Buffer.from('true');
const FALSE = Buffer.from('false');
const NULL = Buffer.from('null');

/** 1 for each byte that stands for itself in a string. */
const isPlain = new Uint8Array(256).fill(1, byteOf.space);
isPlain[byteOf.quote] = 0;
isPlain[byteOf.backslash] = 0;

/** 1 for what may stand behind a backslash, but for `u`. */
const isEscape = flags('"\\/bfnrt');
const isSpace = flags(' \n\r\t');
const isHexDigit = flags('0123456789abcdefABCDEF');

/** The body is no JSON. */
export function malformedJson(what: string, position: number): MalformedBodyError {
  return new MalformedBodyError(`The body is not JSON: ${what} (byte ${position}).`);
}

/** Something else had to stand at a position. */
export function missing(bytes: Buffer, position: number, expected: string): MalformedBodyError {
  const what = position < bytes.length ? `${expected} is missing` : `it ends before ${expected}`;
  return malformedJson(what, position);
}

/** The end of the white space at a position. Mostly there is none. */
export function spaceEnd(bytes: Buffer, start: number): number {
  return (bytes[start] ?? 0) > byteOf.space ? start : longSpaceEnd(bytes, start);
}

function longSpaceEnd(bytes: Buffer, start: number): number {
  let pos = start;
  while (pos < bytes.length && isSpace[bytes[pos] as number] === 1) pos += 1;
  return pos;
}

/** The end of those characters of a string that stand for themselves. Most of a body is such. */
export function plainEnd(bytes: Buffer, start: number): number {
  const { length } = bytes;
  let pos = start;
  while (pos < length && isPlain[bytes[pos] as number] === 1) pos += 1;
  return pos;
}

/** The end of a string, behind its closing quote, from any position inside it that begins a character. */
export function stringEnd(bytes: Buffer, inside: number): number {
  const { length } = bytes;
  let pos = inside;
  while (pos < length) {
    const byte = bytes[pos] as number;
    if (isPlain[byte] === 1) pos += 1;
    else if (byte === byteOf.quote) return pos + 1;
    else if (byte !== byteOf.backslash) {
      throw malformedJson('a string has a control character in it', pos);
    } else if (isEscape[bytes[pos + 1] ?? 0] === 1) pos += 2;
    else pos = unicodeEscapeEnd(bytes, pos);
  }
  throw malformedJson('it ends inside a string', length);
}

function unicodeEscapeEnd(bytes: Buffer, start: number): number {
  if (bytes[start + 1] !== byteOf.u) {
    throw malformedJson('a string has an escape that JSON does not know', start);
  }
  for (let pos = start + 2; pos < start + 6; pos += 1) {
    if (isHexDigit[bytes[pos] ?? 0] !== 1) {
      throw malformedJson('"\\u" is not followed by four hex digits', start);
    }
  }
  return start + 6;
}

/** The end of the number, or the word true, false or null, at a position. */
export function scalarEnd(bytes: Buffer, start: number): number {
  switch (bytes[start]) {
    case byteOf.t:
      return wordEnd(bytes, start, TRUE);
    case byteOf.f:
      return wordEnd(bytes, start, FALSE);
    case byteOf.n:
      return wordEnd(bytes, start, NULL);
    default:
      return numberEnd(bytes, start);
  }
}

function wordEnd(bytes: Buffer, start: number, word: Buffer): number {
  for (let index = 1; index < word.length; index += 1) {
    if (bytes[start + index] !== word[index]) throw missing(bytes, start, 'a value');
  }
  return start + word.length;
}

/** The end of the number at a position. */
export function numberEnd(bytes: Buffer, start: number): number {
  const first = bytes[start] as number;
  let pos = start;
  if (first === byteOf.minus) pos += 1;
  else if (!isDigit(first)) throw missing(bytes, start, 'a value');
  if (bytes[pos] === byteOf.zero) pos += 1;
  else pos = digitsEnd(bytes, pos);
  if (bytes[pos] === byteOf.point) pos = digitsEnd(bytes, pos + 1);
  // An upper and a lower case letter differ in this bit.
  if (((bytes[pos] as number) | 0x20) === byteOf.e) {
    const sign = bytes[pos + 1];
    pos = digitsEnd(bytes, sign === byteOf.plus || sign === byteOf.minus ? pos + 2 : pos + 1);
  }
  return pos;
}

function digitsEnd(bytes: Buffer, start: number): number {
  let pos = start;
  while (isDigit(bytes[pos] as number)) pos += 1;
  if (pos === start) throw missing(bytes, start, 'a digit');
  return pos;
}

/** False as well beyond the end, where a byte reads as undefined. */
export function isDigit(byte: number): boolean {
  return byte >= byteOf.zero && byte <= byteOf.nine;
}

/** Tells whether the bytes from `start` to `end` are hex digits, and an even number of them. */
export function isHex(bytes: Buffer, start: number, end: number): boolean {
  if ((end - start) % 2 !== 0) return false;
  for (let at = start; at < end; at += 1) if (isHexDigit[bytes[at] as number] !== 1) return false;
  return true;
}

/** The position behind a key and its colon, from the key's first quote or the white space before it. */
export function keyEnd(bytes: Buffer, start: number): number {
  const quoteAt = spaceEnd(bytes, start);
  if (bytes[quoteAt] !== byteOf.quote) throw missing(bytes, quoteAt, 'a key in quotes');
  const colonAt = spaceEnd(bytes, stringEnd(bytes, quoteAt + 1));
  if (bytes[colonAt] !== byteOf.colon) throw missing(bytes, colonAt, '":"');
  return colonAt + 1;
}

function flags(characters: string): Uint8Array {
  const table = new Uint8Array(256);
  for (const byte of Buffer.from(characters)) table[byte] = 1;
  return table;
}
