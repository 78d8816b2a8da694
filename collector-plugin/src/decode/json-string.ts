const BACKSLASH = 0x5c;
const LOWER_U = 0x75;
const REPLACEMENT_CHARACTER = 0xfffd;

/** What each letter behind a backslash stands for. */
const escapes = new Uint8Array(128);
for (const pair of ['""', '\\\\', '//', 'b\b', 'f\f', 'n\n', 'r\r', 't\t']) {
  escapes[pair.charCodeAt(0)] = pair.charCodeAt(1);
}

const EMPTY = Buffer.alloc(0);
const character = Buffer.alloc(4);

/**
 * The text of the string whose contents stand from `start` to `end`, in UTF-8: a view where it has no
 * escapes. The contents have been checked; a surrogate without its partner becomes U+FFFD.
 */
export function textOf(bytes: Buffer, start: number, end: number, hasEscapes: boolean): Buffer {
  if (start === end) return EMPTY;
  if (!hasEscapes) return bytes.subarray(start, end);
  // What an escape stands for is never longer than the escape.
  const text = Buffer.allocUnsafe(end - start);
  let length = 0;
  for (let at = start; at < end; length += 1) {
    const byte = bytes[at] as number;
    if (byte !== BACKSLASH) {
      text[length] = byte;
      at += 1;
    } else if (bytes[at + 1] !== LOWER_U) {
      text[length] = escapes[bytes[at + 1] as number] as number;
      at += 2;
    } else {
      const codePoint = escapedCodePoint(bytes, at);
      length += writeUtf8(codePoint, text, length) - 1;
      at += escapeLength(bytes, at, codePoint);
    }
  }
  // A view would keep all of what was set aside: worth a copy where that is much more.
  return length < text.length / 2
    ? Buffer.from(text.subarray(0, length))
    : text.subarray(0, length);
}

/** Tells whether the string with escapes from `start` to `end` says `name`. Makes no object. */
export function equalsUnescaped(bytes: Buffer, start: number, end: number, name: Buffer): boolean {
  let matched = 0;
  for (let at = start; at < end;) {
    const byte = bytes[at] as number;
    if (byte === BACKSLASH) {
      const codePoint = escapedCodePoint(bytes, at);
      const length = writeUtf8(codePoint, character, 0);
      for (let index = 0; index < length; index += 1) {
        if (character[index] !== name[matched + index]) return false;
      }
      matched += length;
      at += escapeLength(bytes, at, codePoint);
    } else {
      if (byte !== name[matched]) return false;
      matched += 1;
      at += 1;
    }
  }
  return matched === name.length;
}

/** The character that the escape at a position stands for; two `\u` may be one together. */
function escapedCodePoint(bytes: Buffer, at: number): number {
  const letter = bytes[at + 1] as number;
  if (letter !== LOWER_U) return escapes[letter] as number;
  const unit = codeUnit(bytes, at);
  if ((unit & 0xf800) !== 0xd800) return unit;
  if (unit < 0xdc00 && bytes[at + 6] === BACKSLASH && bytes[at + 7] === LOWER_U) {
    const low = codeUnit(bytes, at + 6);
    if ((low & 0xfc00) === 0xdc00) return 0x10000 + ((unit & 0x3ff) << 10) + (low & 0x3ff);
  }
  return REPLACEMENT_CHARACTER;
}

function escapeLength(bytes: Buffer, at: number, codePoint: number): number {
  if (bytes[at + 1] !== LOWER_U) return 2;
  return codePoint > 0xffff ? 12 : 6;
}

function codeUnit(bytes: Buffer, at: number): number {
  let unit = 0;
  for (let index = at + 2; index < at + 6; index += 1) {
    const digit = bytes[index] as number;
    // Of the letters a to f and A to F, the low four bits are 1 to 6.
    unit = (unit << 4) | (digit < 0x40 ? digit & 15 : (digit & 15) + 9);
  }
  return unit;
}

function utf8Length(codePoint: number): number {
  if (codePoint < 0x80) return 1;
  if (codePoint < 0x800) return 2;
  return codePoint < 0x10000 ? 3 : 4;
}

/** Writes a character and returns how many bytes it took. */
function writeUtf8(codePoint: number, into: Buffer, at: number): number {
  const length = utf8Length(codePoint);
  if (length === 1) {
    into[at] = codePoint;
    return 1;
  }
  let rest = codePoint;
  for (let index = length - 1; index > 0; index -= 1) {
    into[at + index] = 0x80 | (rest & 0x3f);
    rest >>= 6;
  }
  into[at] = ((0xf00 >> length) & 0xff) | rest;
  return length;
}
