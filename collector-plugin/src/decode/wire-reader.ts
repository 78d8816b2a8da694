import { MalformedBodyError } from '../errors.ts';

/** How deep groups may nest; protobuf implementations agree on about this much. */
const MAX_GROUP_DEPTH = 100;

/** The longest that a varint of 64 bits can be. */
const MAX_VARINT_BYTES = 10;

/** The wire types of https://protobuf.dev/programming-guides/encoding/. */
export const wireType = { varint: 0, fixed64: 1, bytes: 2, startGroup: 3, fixed32: 5 } as const;

/** The tag of a field: its number and its wire type in one value. */
export function tagOf(fieldNumber: number, type: number): number {
  return fieldNumber * 8 + type;
}

/**
 * A position in protobuf wire bytes. It knows varints, lengths and how to pass over a field, and
 * nothing of any message. What it accepts is what the encoding specification accepts: tags of at
 * most 32 bits, lengths of at most 31 bits, no field number 0, groups closed by their own number.
 *
 * Reading past the end of the buffer never faults: callers compare `pos` with the end of the
 * message they are in after each field, by {@link expectWithin}.
 */
export class WireReader {
  readonly bytes: Buffer;
  pos = 0;

  constructor(bytes: Buffer) {
    this.bytes = bytes;
  }

  /** @throws MalformedBodyError when the last read went past `end`. */
  expectWithin(end: number): void {
    if (this.pos > end) throw malformed('a field reaches past the end of its message', this.pos);
  }

  /** Reads a field's tag; compare it with {@link tagOf}. */
  tag(): number {
    const { bytes } = this;
    const first = bytes[this.pos++];
    // Field numbers up to 15, so all but one of a span's, take one byte.
    if (first !== undefined && first < 128) return first;
    let value = (first ?? 0) & 127;
    for (let shift = 7; shift <= 28; shift += 7) {
      const byte = bytes[this.pos++];
      if (byte === undefined) throw malformed('it ends inside a tag', this.pos);
      if (shift === 28 && byte > 15) break;
      value = (value | (byte << shift)) >>> 0;
      if (byte < 128) return value;
      value = (value & ~(128 << shift)) >>> 0;
    }
    throw malformed('a tag is longer than 32 bits', this.pos);
  }

  /** Reads a length and returns the position at which that many bytes end; fails beyond `end`. */
  lengthWithin(end: number): number {
    const { bytes } = this;
    let length = bytes[this.pos++] ?? 0;
    if (length >= 128) length = this.#longLength(length & 127);
    const valueEnd = this.pos + length;
    if (valueEnd > end) throw malformed('a length reaches past the end of its message', this.pos);
    return valueEnd;
  }

  #longLength(firstBits: number): number {
    let value = firstBits;
    for (let shift = 7; shift <= 28; shift += 7) {
      const byte = this.bytes[this.pos++];
      if (byte === undefined) throw malformed('it ends inside a length', this.pos);
      if (shift === 28 && byte > 7) break;
      value |= (byte & 127) << shift;
      if (byte < 128) return value;
    }
    throw malformed('a length is longer than 31 bits', this.pos);
  }

  /** Reads a varint of at most 64 bits; the sign is the caller's to give (`BigInt.asIntN`). */
  varint64(): bigint {
    let value = 0n;
    for (let shift = 0n; shift < 70n; shift += 7n) {
      const byte = this.bytes[this.pos++];
      if (byte === undefined) throw malformed('it ends inside a number', this.pos);
      value |= BigInt(byte & 127) << shift;
      if (byte < 128) return BigInt.asUintN(64, value);
    }
    throw malformed('a number is longer than 64 bits', this.pos);
  }

  /** Passes over a varint of at most 64 bits. */
  passVarint64(): void {
    const mostEnd = this.pos + MAX_VARINT_BYTES;
    while ((this.bytes[this.pos++] ?? 0) >= 128);
    if (this.pos > mostEnd) throw malformed('a number is longer than 64 bits', this.pos);
  }

  /** Reads an int32 or an enum: of a longer varint its low 32 bits count. Makes no BigInt. */
  int32(): number {
    const { bytes, pos } = this;
    this.passVarint64();
    let value = 0;
    for (let at = pos, shift = 0; at < this.pos && shift < 32; at += 1, shift += 7) {
      value |= ((bytes[at] ?? 0) & 127) << shift;
    }
    return value;
  }

  /** The unsigned number of 64 bits, in fixed width, at a position; 0 for a position below 0. */
  fixed64At(position: number): bigint {
    return position < 0 ? 0n : this.bytes.readBigUInt64LE(position);
  }

  /** Passes over the value of a field with this tag, whatever it is. */
  skip(tag: number, end: number): void {
    // Nearly all that is passed over: a hostile body has ten million fields of two bytes.
    if ((tag & 7) === wireType.bytes && tag >= 8) this.pos = this.lengthWithin(end);
    else this.#skipOther(tag, end, 0);
  }

  #skipOther(tag: number, end: number, depth: number): void {
    if (tag < 8) throw malformed('a field has the number 0', this.pos);
    switch (tag & 7) {
      case wireType.varint:
        while ((this.bytes[this.pos++] ?? 0) >= 128);
        break;
      case wireType.fixed64:
        this.pos += 8;
        break;
      case wireType.bytes:
        this.pos = this.lengthWithin(end);
        break;
      case wireType.startGroup:
        this.#skipGroup(tag, end, depth);
        break;
      case wireType.fixed32:
        this.pos += 4;
        break;
      default:
        throw malformed(`a field has the wire type ${tag & 7}`, this.pos);
    }
    this.expectWithin(end);
  }

  #skipGroup(startTag: number, end: number, depth: number): void {
    if (depth >= MAX_GROUP_DEPTH) throw malformed('groups nest too deep', this.pos);
    const endTag = startTag + 1;
    for (;;) {
      if (this.pos >= end) throw malformed('a group is not closed', this.pos);
      const tag = this.tag();
      if (tag === endTag) return;
      this.#skipOther(tag, end, depth + 1);
    }
  }
}

function malformed(what: string, position: number): MalformedBodyError {
  return new MalformedBodyError(
    `The body is not an OTLP protobuf message: ${what} (byte ${position}).`,
  );
}
