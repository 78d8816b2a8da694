import type { JsonCursor } from './json-cursor.ts';
import { addField, checkText, isObject, readBool } from './json-fields.ts';
import { checkInt64, readInt64 } from './json-integers.ts';
import { textOf } from './json-string.ts';
import { nameTable, type NameTable } from './names.ts';

/* KeyValue and AnyValue of opentelemetry/proto/common/v1/common.proto. */
const KEY_VALUE = nameTable(['key', 'value']);
const [KEY, VALUE] = [0, 1];
const ANY_VALUE = nameTable(['stringValue', 'intValue', 'boolValue']);
const [STRING, INT, BOOL] = [0, 1, 2];

const NO_TEXT: Buffer = Buffer.alloc(0);
const TRUE = Buffer.from('true');
const FALSE = Buffer.from('false');

/**
 * The attribute that was read last, as positions in the body: one object for a whole request, since
 * a hostile one holds a million attributes that all look like those that are looked for.
 */
export class JsonAttribute {
  /** The rank of its name among those looked for; -1 for any other name. */
  rank = -1;
  /** It is a string that is not empty, or an int. */
  hasText = false;
  readonly #cursor: JsonCursor;
  #textStart = 0;
  #textEnd = 0;
  #hasEscapes = false;
  #intAt = -1;
  #bool: boolean | undefined;

  constructor(cursor: JsonCursor) {
    this.#cursor = cursor;
  }

  /** Passes over the KeyValue that begins here. The value is looked into where the name is sought. */
  read(names: NameTable): void {
    const cursor = this.#cursor;
    this.rank = -1;
    this.hasText = false;
    this.#bool = undefined;
    let valueAt = -1;
    let seen = 0;
    for (let more = cursor.firstKey(); more; more = cursor.nextKey()) {
      const field = cursor.rankOfText(KEY_VALUE);
      seen = addField(cursor, seen, field);
      if (field === KEY) {
        if (checkText(cursor)) this.rank = cursor.rankOfText(names);
      } else if (field === VALUE && this.rank >= 0) {
        this.readValue();
      } else {
        if (field === VALUE) valueAt = cursor.pos;
        cursor.skipValue();
      }
    }
    // Every encoder writes the key first.
    if (this.rank < 0 || valueAt < 0) return;
    const { pos } = cursor;
    cursor.pos = valueAt;
    this.readValue();
    cursor.pos = pos;
  }

  /**
   * Its value when that is a string, its decimal digits when it is an int, `true` or `false` when it is a
   * bool, else empty.
   */
  text(): Buffer {
    const cursor = this.#cursor;
    if (!this.hasText && this.#bool !== undefined) return this.#bool ? TRUE : FALSE;
    if (!this.hasText) return NO_TEXT;
    if (this.#intAt < 0) {
      return textOf(cursor.bytes, this.#textStart, this.#textEnd, this.#hasEscapes);
    }
    const { pos } = cursor;
    cursor.pos = this.#intAt;
    const digits = String(readInt64(cursor));
    cursor.pos = pos;
    return Buffer.from(digits);
  }

  /** Reads the AnyValue that begins here, for {@link text}. */
  readValue(): void {
    const cursor = this.#cursor;
    this.#textStart = 0;
    this.#textEnd = 0;
    this.#intAt = -1;
    this.#bool = undefined;
    if (isObject(cursor)) {
      let seen = 0;
      for (let more = cursor.firstKey(); more; more = cursor.nextKey()) {
        const field = cursor.rankOfText(ANY_VALUE);
        seen = addField(cursor, seen, field);
        if (field === STRING) {
          if (checkText(cursor)) this.#noteText();
        } else if (field === INT) {
          const { pos } = cursor;
          if (checkInt64(cursor)) this.#intAt = pos;
        } else if (field === BOOL) {
          this.#bool = readBool(cursor);
        } else {
          cursor.skipValue();
        }
      }
    }
    this.hasText = this.#textEnd > this.#textStart || this.#intAt >= 0;
  }

  #noteText(): void {
    const { textStart, textEnd, hasEscapes } = this.#cursor;
    this.#textStart = textStart;
    this.#textEnd = textEnd;
    this.#hasEscapes = hasEscapes;
  }
}
