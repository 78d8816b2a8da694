import type { JsonCursor } from './json-cursor.ts';
import { isAbsent, readText, wrong } from './json-fields.ts';

/*
 * Whole numbers of 64 bits. They are exact in a string, and exact as a plain number, which
 * `JSON.parse` would round beyond 2^53; with a fraction or an exponent they are what JavaScript makes
 * of them.
 */

/** What a field of 64 bits may hold. */
interface IntegerType {
  readonly smallest: bigint;
  readonly greatest: bigint;
  /** Up to so many digits every number fits. */
  readonly safeDigits: number;
  /** For the message of an error. */
  readonly expected: string;
}

const uint64: IntegerType = {
  smallest: 0n,
  greatest: 2n ** 64n - 1n,
  safeDigits: 19,
  expected: 'an unsigned number of 64 bits, or one in a string',
};
const int64: IntegerType = {
  smallest: -(2n ** 63n),
  greatest: 2n ** 63n - 1n,
  safeDigits: 18,
  expected: 'a whole number of 64 bits, or one in a string',
};

/** No number of 64 bits needs more; a longer literal would only cost time. */
const MAX_NUMBER_CHARACTERS = 100;
const PLAIN = /^-?\d{1,20}$/;

const ZERO = 0x30;
const NINE = 0x39;

/** An unsigned number may stand here; null counts as 0. */
export function checkUint64(cursor: JsonCursor): void {
  check(cursor, uint64);
}

/** The unsigned number here; 0 for null. */
export function readUint64(cursor: JsonCursor): bigint {
  return read(cursor, uint64) ?? 0n;
}

/** Tells whether a signed number stands here, and not null. */
export function checkInt64(cursor: JsonCursor): boolean {
  return check(cursor, int64);
}

/** The signed number here; undefined for null. */
export function readInt64(cursor: JsonCursor): bigint | undefined {
  return read(cursor, int64);
}

/** The number of an enum, which is never its name in OTLP/JSON; 0 for null. */
export function readEnum(cursor: JsonCursor): number {
  const expected = 'a number (an enum is never its name in OTLP/JSON)';
  const kind = cursor.kind();
  const start = cursor.pos;
  if (kind !== 'number') {
    isAbsent(cursor, kind, expected);
    return 0;
  }
  cursor.passNumber();
  const value = Number(literal(cursor));
  if (!Number.isInteger(value)) throw wrong(cursor, expected, start);
  return value;
}

/** Makes no object for the forms that senders use, digits with or without quotes. */
function check(cursor: JsonCursor, type: IntegerType): boolean {
  const kind = cursor.kind();
  const start = cursor.pos;
  if (kind === 'string') cursor.passString();
  else if (kind === 'number') cursor.passNumber();
  else return isAbsent(cursor, kind, type.expected);
  if (areDigits(cursor, type.safeDigits)) return true;
  if (kind === 'number' && isWithin(Number(literal(cursor)), type)) return true;
  cursor.pos = start;
  read(cursor, type);
  return true;
}

function areDigits({ bytes, textStart, textEnd }: JsonCursor, most: number): boolean {
  const length = textEnd - textStart;
  if (length === 0 || length > most) return false;
  for (let at = textStart; at < textEnd; at += 1) {
    const byte = bytes[at] as number;
    if (byte < ZERO || byte > NINE) return false;
  }
  return true;
}

/** True for what fits without doubt; at the ends of the range a number is rounded. */
function isWithin(value: number, { safeDigits, smallest }: IntegerType): boolean {
  const most = 10 ** safeDigits;
  return Number.isInteger(value) && value < most && value >= (smallest < 0n ? -most : 0);
}

function read(cursor: JsonCursor, type: IntegerType): bigint | undefined {
  const kind = cursor.kind();
  const start = cursor.pos;
  let value: bigint | undefined;
  if (kind === 'string') {
    const text = readText(cursor);
    value =
      text.length <= MAX_NUMBER_CHARACTERS ? plainInteger(text.toString('latin1')) : undefined;
  } else if (kind === 'number') {
    cursor.passNumber();
    const text = literal(cursor);
    value = plainInteger(text) ?? roundInteger(text);
  } else {
    isAbsent(cursor, kind, type.expected);
    return undefined;
  }
  if (value !== undefined && value >= type.smallest && value <= type.greatest) return value;
  throw wrong(cursor, type.expected, start);
}

/** The characters of the number that was passed over last; none where they are too many. */
function literal({ bytes, textStart, textEnd }: JsonCursor): string {
  return textEnd - textStart > MAX_NUMBER_CHARACTERS
    ? 'NaN'
    : bytes.toString('latin1', textStart, textEnd);
}

function plainInteger(text: string): bigint | undefined {
  return PLAIN.test(text) ? BigInt(text) : undefined;
}

function roundInteger(text: string): bigint | undefined {
  const value = Number(text);
  return Number.isInteger(value) ? BigInt(value) : undefined;
}
