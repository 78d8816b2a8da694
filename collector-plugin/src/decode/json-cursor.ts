import {
  byteOf,
  isDigit,
  missing,
  numberEnd,
  plainEnd,
  spaceEnd,
  stringEnd,
} from './json-grammar.ts';
import { equalsUnescaped } from './json-string.ts';
import { MAX_DEPTH, tooDeep, valueEnd } from './json-value.ts';
import { rankOf, type NameTable } from './names.ts';

/** The kinds of JSON values. */
export type JsonKind = 'object' | 'array' | 'string' | 'number' | 'boolean' | 'null';

/** The kind of each value by its first byte, but for numbers. */
const kinds: ReadonlyMap<number, JsonKind> = new Map<number, JsonKind>([
  [byteOf.openArray, 'array'],
  [byteOf.n, 'null'],
  [byteOf.t, 'boolean'],
  [byteOf.f, 'boolean'],
]);

/**
 * A position in the bytes of a JSON text, UTF-8 that has been checked. It knows the grammar of
 * RFC 8259 and nothing of any message: the sibling of WireReader. Nothing that it passes over makes
 * an object, and all of it is checked, so that what it accepts is what `JSON.parse` accepts, but for
 * values that nest deeper than 100 levels.
 *
 * Objects and arrays are walked over by loops, the cursor standing at each value in turn; the body
 * of the loop must read that value, or pass over it:
 *
 *     for (let more = cursor.firstItem(); more; more = cursor.nextItem()) cursor.skipValue();
 */
export class JsonCursor {
  readonly bytes: Buffer;
  pos = 0;
  /** How many arrays and objects are open. */
  depth = 0;
  /** Where the contents of the key, string or number stand that was passed over last. */
  textStart = 0;
  textEnd = 0;
  /** The key or string that was passed over last has a backslash in it. */
  hasEscapes = false;
  /** For each level 1 where it is an object, while a value is passed over. */
  readonly #isObject = new Uint8Array(MAX_DEPTH + 1);

  constructor(bytes: Buffer) {
    this.bytes = bytes;
  }

  /** Goes to the value that comes next and tells its kind. */
  kind(): JsonKind {
    const byte = this.#next();
    if (byte === byteOf.quote) return 'string';
    if (byte === byteOf.openObject) return 'object';
    if (byte === byteOf.minus || isDigit(byte)) return 'number';
    const kind = kinds.get(byte);
    if (kind) return kind;
    throw missing(this.bytes, this.pos, 'a value');
  }

  /** Enters the object that begins here; true when it has a first member, whose key is then read. */
  firstKey(): boolean {
    this.#enter();
    if (this.#next() === byteOf.closeObject) return this.#leave();
    this.#key();
    return true;
  }

  /** Behind a member's value: true when there is another member, whose key is then read. */
  nextKey(): boolean {
    const byte = this.#next();
    if (byte === byteOf.comma) {
      this.pos += 1;
      this.#key();
      return true;
    }
    if (byte === byteOf.closeObject) return this.#leave();
    throw missing(this.bytes, this.pos, '"," or "}"');
  }

  /** Enters the array that begins here; true when it has a first item. */
  firstItem(): boolean {
    this.#enter();
    return this.#next() !== byteOf.closeArray || this.#leave();
  }

  /** Behind an item: true when there is another one. */
  nextItem(): boolean {
    const byte = this.#next();
    if (byte === byteOf.comma) {
      this.pos += 1;
      return true;
    }
    if (byte === byteOf.closeArray) return this.#leave();
    throw missing(this.bytes, this.pos, '"," or "]"');
  }

  /** Passes over the string that begins here. */
  passString(): void {
    const { bytes } = this;
    const start = this.pos + 1;
    const end = plainEnd(bytes, start);
    this.hasEscapes = bytes[end] !== byteOf.quote;
    this.pos = this.hasEscapes ? stringEnd(bytes, end) : end + 1;
    this.textStart = start;
    this.textEnd = this.pos - 1;
  }

  /** Passes over the number that begins here. */
  passNumber(): void {
    this.textStart = this.pos;
    this.pos = numberEnd(this.bytes, this.pos);
    this.textEnd = this.pos;
  }

  /** The rank of the key or string that was passed over last; -1 when it is none of the names. */
  rankOfText(names: NameTable): number {
    const { bytes, textStart, textEnd } = this;
    if (!this.hasEscapes) return rankOf(names, bytes, textStart, textEnd);
    return names.encoded.findIndex((name) => equalsUnescaped(bytes, textStart, textEnd, name));
  }

  /** Passes over the value that begins here, whatever it is. */
  skipValue(): void {
    this.pos = valueEnd(this.bytes, this.pos, this.depth, this.#isObject);
  }

  /** Passes over this item of an array and all behind it, leaves the array, and tells how many. */
  skipItems(): number {
    let count = 0;
    do {
      this.skipValue();
      count += 1;
    } while (this.nextItem());
    return count;
  }

  /** Behind the outermost value. @throws MalformedBodyError when more than white space follows. */
  expectEnd(): void {
    this.#next();
    if (this.pos < this.bytes.length) throw missing(this.bytes, this.pos, 'the end');
  }

  /** Goes behind white space, and gives the byte there; 0, which is no sign of JSON, at the end. */
  #next(): number {
    const byte = this.bytes[this.pos] ?? 0;
    if (byte > byteOf.space) return byte;
    this.pos = spaceEnd(this.bytes, this.pos);
    return this.bytes[this.pos] ?? 0;
  }

  #enter(): void {
    if (this.depth === MAX_DEPTH) throw tooDeep(this.pos);
    this.depth += 1;
    this.pos += 1;
  }

  #leave(): false {
    this.depth -= 1;
    this.pos += 1;
    return false;
  }

  #key(): void {
    if (this.#next() !== byteOf.quote) throw missing(this.bytes, this.pos, 'a key in quotes');
    this.passString();
    if (this.#next() !== byteOf.colon) throw missing(this.bytes, this.pos, '":"');
    this.pos += 1;
  }
}
