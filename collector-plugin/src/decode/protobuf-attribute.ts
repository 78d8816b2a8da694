import { rankOf, type NameTable } from './names.ts';
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
  ANY_VALUE.double,
  ANY_VALUE.array,
  ANY_VALUE.keyValueList,
  ANY_VALUE.bytes,
]);

const NO_TEXT: Buffer = Buffer.alloc(0);
const TRUE = Buffer.from('true');
const FALSE = Buffer.from('false');

/**
 * The attribute that was read last, as positions in the body: one object for a whole request, since
 * a hostile one holds a million attributes that all look like those that are looked for.
 */
export class ProtobufAttribute {
  /** The rank of its name among those looked for; -1 for any other name. */
  rank = -1;
  readonly #reader: WireReader;
  #kind: 'none' | 'string' | 'int' | 'bool' = 'none';
  #start = 0;
  #end = 0;

  constructor(reader: WireReader) {
    this.#reader = reader;
  }

  /** Reads the KeyValue from the reader's position to `end`, and leaves the reader there. */
  read(end: number, names: NameTable): void {
    const reader = this.#reader;
    const start = reader.pos;
    reader.pos = end;
    this.rank = -1;
    // 80,000 attributes in a batch of 8,192 spans: the ones that cannot match must not cost a parse.
    if (hasOtherKey(reader.bytes, start, end, names)) return;
    reader.pos = start;
    this.#parse(end, names);
  }

  /** There is no value: it is not there, until {@link readValue} meets one. */
  clear(): void {
    this.#setValue('none', 0, 0);
  }

  /** Reads the AnyValue from the reader's position to `end`, for {@link text}; given in parts, they are merged. */
  readValue(end: number): void {
    this.#parseValue(end);
  }

  /** It is a string that is not empty, or an int. */
  get hasText(): boolean {
    return this.#kind === 'int' || (this.#kind === 'string' && this.#end > this.#start);
  }

  /**
   * Its value when that is a string, its decimal digits when it is an int, `true` or `false` when it is a
   * bool, else empty.
   */
  text(): Buffer {
    const reader = this.#reader;
    if (this.#kind === 'bool') return this.#start === 0 ? FALSE : TRUE;
    if (!this.hasText) return NO_TEXT;
    if (this.#kind === 'string') return reader.bytes.subarray(this.#start, this.#end);
    const resumeAt = reader.pos;
    reader.pos = this.#start;
    const value = BigInt.asIntN(64, reader.varint64());
    reader.pos = resumeAt;
    return Buffer.from(String(value));
  }

  #parse(end: number, names: NameTable): void {
    const reader = this.#reader;
    let keyStart = 0;
    let keyEnd = 0;
    this.#setValue('none', 0, 0);
    while (reader.pos < end) {
      const tag = reader.tag();
      if (tag === KEY_VALUE.key) {
        keyEnd = reader.lengthWithin(end);
        keyStart = reader.pos;
        reader.pos = keyEnd;
      } else if (tag === KEY_VALUE.value) {
        // A value given twice is merged, and in a oneof the last member wins.
        this.#parseValue(reader.lengthWithin(end));
      } else {
        reader.skip(tag, end);
      }
    }
    reader.expectWithin(end);
    this.rank = rankOf(names, reader.bytes, keyStart, keyEnd);
  }

  #parseValue(end: number): void {
    const reader = this.#reader;
    while (reader.pos < end) {
      const tag = reader.tag();
      if (tag === ANY_VALUE.string) {
        const textEnd = reader.lengthWithin(end);
        this.#setValue('string', reader.pos, textEnd);
        reader.pos = textEnd;
      } else if (tag === ANY_VALUE.int) {
        const start = reader.pos;
        reader.passVarint64();
        this.#setValue('int', start, reader.pos);
        reader.expectWithin(end);
      } else if (tag === ANY_VALUE.bool) {
        const start = reader.pos;
        reader.passVarint64();
        this.#setValue('bool', isZero(reader.bytes, start, reader.pos) ? 0 : 1, 0);
        reader.expectWithin(end);
      } else {
        if (otherValues.has(tag)) this.#setValue('none', 0, 0);
        reader.skip(tag, end);
      }
    }
    reader.expectWithin(end);
  }

  #setValue(kind: 'none' | 'string' | 'int' | 'bool', start: number, end: number): void {
    this.#kind = kind;
    this.#start = start;
    this.#end = end;
  }
}

/** Whether a varint is 0, in however many bytes it is written. */
function isZero(bytes: Buffer, start: number, end: number): boolean {
  for (let at = start; at < end; at += 1) if (((bytes[at] ?? 0) & 127) !== 0) return false;
  return true;
}

/**
 * True where the KeyValue is written as every encoder does, the key and then the value to the very
 * end, and the key's length is none that is looked for. False decides nothing.
 */
export function hasOtherKey(bytes: Buffer, start: number, end: number, names: NameTable): boolean {
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
  { encoded }: NameTable,
): boolean {
  for (const name of encoded) {
    if (name.length === keyLength && name[0] === bytes[keyStart]) return true;
  }
  return false;
}
