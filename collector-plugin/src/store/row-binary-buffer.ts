import { copyBytes } from './copy-bytes.ts';

/** Parts of a buffer, which need no object each. */
export interface Slices {
  bytes: Buffer;
  /** For each part the offsets of its first byte and of the one behind its last. */
  bounds: readonly number[];
}

/**
 * A growing buffer of rows in ClickHouse's RowBinary format: every value in the order of the
 * table's columns, without separators. Numbers are little-endian.
 */
export class RowBinaryBuffer {
  #bytes = Buffer.from(new ArrayBuffer(16_384));
  #length = 0;
  #rows = 0;

  get rows(): number {
    return this.#rows;
  }

  /** How many bytes the rows take. */
  get byteLength(): number {
    return this.#length;
  }

  /** The rows so far; a view that the next write may overwrite. */
  toBuffer(): Buffer {
    return this.#bytes.subarray(0, this.#length);
  }

  endRow(): void {
    this.#rows += 1;
  }

  /** String, and LowCardinality(String): a length as varint, and the bytes. */
  string(value: Buffer): void {
    this.#reserve(value.length + 5);
    this.#varint(value.length);
    this.#length += value.copy(this.#bytes, this.#length);
  }

  /** FixedString(size): shorter values are filled up with zeros. */
  fixedString(value: Buffer, size: number): void {
    this.#reserve(size);
    this.#bytes.fill(0, this.#length, this.#length + size);
    value.copy(this.#bytes, this.#length, 0, size);
    this.#length += size;
  }

  /** UInt8, Bool, and Enum8 with values up to 127. */
  uint8(value: number): void {
    this.#reserve(1);
    this.#length = this.#bytes.writeUInt8(value, this.#length);
  }

  /** UInt32, and DateTime as seconds since the Unix epoch. */
  uint32(value: number): void {
    this.#reserve(4);
    this.#length = this.#bytes.writeUInt32LE(value, this.#length);
  }

  uint64(value: bigint): void {
    this.#reserve(8);
    this.#length = this.#bytes.writeBigUInt64LE(value, this.#length);
  }

  /** DateTime64(9) as nanoseconds since the Unix epoch; later than the year 2262 is not to be had. */
  dateTime64(nanoseconds: bigint): void {
    this.uint64(nanoseconds > MAX_INT64 ? MAX_INT64 : nanoseconds);
  }

  int64(value: bigint): void {
    this.#reserve(8);
    this.#length = this.#bytes.writeBigInt64LE(BigInt.asIntN(64, value), this.#length);
  }

  /** Array(String) */
  stringArray({ bytes, bounds }: Slices): void {
    this.#reserve(5);
    this.#varint(bounds.length / 2);
    for (let index = 0; index < bounds.length; index += 2) {
      const from = bounds[index] ?? 0;
      const to = bounds[index + 1] ?? 0;
      this.#reserve(to - from + 5);
      this.#varint(to - from);
      copyBytes(bytes, from, to, this.#bytes, this.#length);
      this.#length += to - from;
    }
  }

  #varint(value: number): void {
    let rest = value;
    while (rest >= 128) {
      this.#bytes[this.#length++] = (rest & 127) | 128;
      rest >>>= 7;
    }
    this.#bytes[this.#length++] = rest;
  }

  #reserve(count: number): void {
    const needed = this.#length + count;
    if (needed <= this.#bytes.length) return;
    // Handed over, not copied: of a copy the old half would stay until the garbage collector comes by.
    // What is new is filled with zeros, so that it takes memory at once: hence the bound.
    const grown = needed + Math.min(needed, MAX_GROWTH_BYTES);
    this.#bytes = Buffer.from(this.#bytes.buffer.transfer(grown));
  }
}

const MAX_GROWTH_BYTES = 4_194_304;

const MAX_INT64 = 2n ** 63n - 1n;
