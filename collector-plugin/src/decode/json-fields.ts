import { MalformedBodyError } from '../errors.ts';
import type { JsonCursor, JsonKind } from './json-cursor.ts';
import { byteOf, isHex } from './json-grammar.ts';
import { pathAt } from './json-path.ts';
import { textOf } from './json-string.ts';

/*
 * The values of https://opentelemetry.io/docs/specs/otlp/#json-protobuf-encoding: ids in hex, 64-bit
 * numbers as strings or numbers, enums as numbers, null as good as absent. Each function stands at a
 * value and leaves the cursor behind it. `check…` says no more than whether the value may stand there,
 * and makes no object; `read…` gives what it is worth.
 */

const EMPTY = Buffer.alloc(0);

/** The body is JSON, but not the message: says where, and what had to stand there. */
export function wrong(cursor: JsonCursor, expected: string, at = cursor.pos): MalformedBodyError {
  const path = pathAt(cursor.bytes, at) || 'the body';
  return new MalformedBodyError(
    `The body is not an OTLP JSON message: ${path} must be ${expected}.`,
  );
}

/**
 * Adds the field at the cursor, by its rank, to the set of those that the object has had. Given twice,
 * one of the two would be ignored, and which one is for each parser to say; so it is refused.
 */
export function addField(cursor: JsonCursor, seen: number, rank: number): number {
  if (rank < 0) return seen;
  const bit = 1 << rank;
  if ((seen & bit) === 0) return seen | bit;
  throw new MalformedBodyError(
    `The body is not an OTLP JSON message: ${pathAt(cursor.bytes, cursor.pos)} is given twice.`,
  );
}

/** Tells whether an object begins here; null is passed over. */
export function isObject(cursor: JsonCursor): boolean {
  const kind = cursor.kind();
  if (kind === 'object') return true;
  return isAbsent(cursor, kind, 'an object');
}

/** Enters an array of objects; true when it has a first one. Null is an empty array. */
export function firstObject(cursor: JsonCursor): boolean {
  const kind = cursor.kind();
  if (kind !== 'array') return isAbsent(cursor, kind, 'an array');
  return cursor.firstItem() && requireObject(cursor);
}

/** Behind an object of an array: true when there is another one. */
export function nextObject(cursor: JsonCursor): boolean {
  return cursor.nextItem() && requireObject(cursor);
}

/** An object has to begin here. */
export function requireObject(cursor: JsonCursor): true {
  if (cursor.kind() === 'object') return true;
  throw wrong(cursor, 'an object');
}

/** Passes over a string and tells whether there was one: null is passed over as well. */
export function checkText(cursor: JsonCursor): boolean {
  return checkString(cursor, 'a string');
}

/** The string that begins here; empty for null. */
export function readText(cursor: JsonCursor): Buffer {
  return checkText(cursor) ? lastText(cursor) : EMPTY;
}

/** The bool that stands here; undefined for null. */
export function readBool(cursor: JsonCursor): boolean | undefined {
  const kind = cursor.kind();
  if (kind !== 'boolean') {
    isAbsent(cursor, kind, 'true or false');
    return undefined;
  }
  const verdict = cursor.bytes[cursor.pos] === byteOf.t;
  cursor.skipValue();
  return verdict;
}

const HEX = 'a string of hex digits';

/** Passes over a string of hex digits and tells whether there was one, and not null. */
export function checkHex(cursor: JsonCursor): boolean {
  const start = cursor.pos;
  if (!checkString(cursor, HEX)) return false;
  const { bytes, textStart, textEnd, hasEscapes } = cursor;
  // Nobody escapes hex digits, but who does is understood.
  if (hasEscapes) {
    cursor.pos = start;
    readHex(cursor);
  } else if (!isHex(bytes, textStart, textEnd)) {
    throw wrong(cursor, HEX, start);
  }
  return true;
}

/** The bytes that the string of hex digits stands for; empty for null. */
export function readHex(cursor: JsonCursor): Buffer {
  const start = cursor.pos;
  if (!checkString(cursor, HEX)) return EMPTY;
  const digits = lastText(cursor);
  if (!isHex(digits, 0, digits.length)) throw wrong(cursor, HEX, start);
  return digits.length === 0 ? EMPTY : Buffer.from(digits.toString('latin1'), 'hex');
}

/** Passes over what is no value of the right kind: it must be null. */
export function isAbsent(cursor: JsonCursor, kind: JsonKind, expected: string): false {
  if (kind !== 'null') throw wrong(cursor, expected);
  cursor.skipValue();
  return false;
}

function checkString(cursor: JsonCursor, expected: string): boolean {
  const kind = cursor.kind();
  if (kind !== 'string') return isAbsent(cursor, kind, expected);
  cursor.passString();
  return true;
}

function lastText({ bytes, textStart, textEnd, hasEscapes }: JsonCursor): Buffer {
  return textOf(bytes, textStart, textEnd, hasEscapes);
}
