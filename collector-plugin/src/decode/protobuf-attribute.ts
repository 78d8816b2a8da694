import type { AttributeNames } from './attribute-names.ts';
import { tagOf, wireType, type WireReader } from './wire-reader.ts';

/* KeyValue and AnyValue of opentelemetry/proto/common/v1/common.proto. */
const KEY_VALUE = { key: tagOf(1, wireType.bytes), value: tagOf(2, wireType.bytes) } as const;
const ANY_VALUE = {
  string: tagOf(1, wireType.bytes),
  bool: tagOf(2, wireType.varint),
  int: tagOf(3, wireType.varint),
  double: tagOf(4, wireType.fixed64),
  array: tagOf(5, wireType.bytes),
  keyValueList: tagOf(6, wireType.bytes),
  bytes: tagOf(7, wireType.bytes),
} as const;
const otherValues: ReadonlySet<number> = new Set([
  ANY_VALUE.bool,
  ANY_VALUE.double,
  ANY_VALUE.array,
  ANY_VALUE.keyValueList,
  ANY_VALUE.bytes,
]);

const NO_TEXT: Buffer = Buffer.alloc(0);

/** An attribute that was looked for. */
export interface FoundAttribute {
  /** The rank of its name among those looked for. */
  index: number;
  /** Its value when that is a string, its decimal digits when it is an int, else empty. */
  text: Buffer;
}

/**
 * Reads the KeyValue from the reader's position to `end` and tells whether it has one of `names`.
 * Leaves the reader at `end`.
 */
export function findAttribute(
  reader: WireReader,
  end: number,
  names: AttributeNames,
): FoundAttribute | undefined {
  const start = reader.pos;
  reader.pos = end;
  // 80,000 attributes in a batch of 8,192 spans: the ones that cannot match must not cost a parse.
  if (hasOtherKey(reader.bytes, start, end, names)) return undefined;
  reader.pos = start;
  return parseAttribute(reader, end, names);
}

/**
 * True where the KeyValue is written as every encoder does, the key and then the value to the very
 * end, and the key's length is none that is looked for. False decides nothing.
 */
export function hasOtherKey(
  bytes: Buffer,
  start: number,
  end: number,
  names: AttributeNames,
): boolean {
  if (bytes[start] !== KEY_VALUE.key) return false;
  const keyLength = bytes[start + 1] as number;
  if (keyLength >= 128) return false;
  const keyStart = start + 2;
  if (names.lengths[keyLength] === 1 && mayBeKey(bytes, keyStart, keyLength, names)) return false;

  let at = keyStart + keyLength;
  if (at >= end) return at === end;
  if (bytes[at] !== KEY_VALUE.value) return false;
  let length = bytes[at + 1] as number;
  at += 2;
  if (length >= 128) {
    const high = bytes[at] as number;
    if (high >= 128) return false;
    length = (length & 127) | (high << 7);
    at += 1;
  }
  return at + length === end;
}

function mayBeKey(
  bytes: Buffer,
  keyStart: number,
  keyLength: number,
  { encoded }: AttributeNames,
): boolean {
  for (const name of encoded) {
    if (name.length === keyLength && name[0] === bytes[keyStart]) return true;
  }
  return false;
}

function parseAttribute(
  reader: WireReader,
  end: number,
  names: AttributeNames,
): FoundAttribute | undefined {
  const { bytes } = reader;
  let key: Buffer = NO_TEXT;
  let text: Buffer = NO_TEXT;
  while (reader.pos < end) {
    const tag = reader.tag();
    if (tag === KEY_VALUE.key) {
      const keyEnd = reader.lengthWithin(end);
      key = bytes.subarray(reader.pos, keyEnd);
      reader.pos = keyEnd;
    } else if (tag === KEY_VALUE.value) {
      // A value given twice is merged, and in a oneof the last member wins.
      text = readAnyValue(reader, reader.lengthWithin(end), text);
    } else {
      reader.skip(tag, end);
    }
  }
  reader.expectWithin(end);
  const index = names.encoded.findIndex((name) => name.equals(key));
  return index === -1 ? undefined : { index, text };
}

function readAnyValue(reader: WireReader, end: number, textBefore: Buffer): Buffer {
  let text = textBefore;
  while (reader.pos < end) {
    const tag = reader.tag();
    if (tag === ANY_VALUE.string) {
      const textEnd = reader.lengthWithin(end);
      text = reader.bytes.subarray(reader.pos, textEnd);
      reader.pos = textEnd;
    } else if (tag === ANY_VALUE.int) {
      text = Buffer.from(String(BigInt.asIntN(64, reader.varint64())));
      reader.expectWithin(end);
    } else {
      if (otherValues.has(tag)) text = NO_TEXT;
      reader.skip(tag, end);
    }
  }
  reader.expectWithin(end);
  return text;
}
