/**
 * A cursor over the bytes of ClickHouse's `RowBinary` format.
 *
 * The format has no column names and no separators: values stand one after the other in the order
 * of the `SELECT`. It is read here, rather than JSON, because it keeps bytes that are not valid
 * UTF-8, 64-bit integers and nanoseconds as they are, and needs no function call per column.
 *
 * Every method throws a `RangeError` where the bytes end too early.
 *
 * @see https://clickhouse.com/docs/interfaces/formats/RowBinary
 */
export interface RowBinaryCursor {
  /** True when all bytes are read. */
  done(): boolean;
  uint8(): number;
  uint32(): number;
  /** An Enum8, by the names of its values; undefined for a value that is none of them. */
  enum8<Name extends string>(values: Readonly<Record<Name, number>>): Name | undefined;
  /** A UInt64 that must fit into a JavaScript number. */
  uint64(): number;
  /** An Int64; DateTime64(9) is one, in nanoseconds since the epoch. */
  int64(): bigint;
  /** A String as UTF-8; invalid bytes become U+FFFD. */
  string(): string;
  /** A String as its bytes. */
  bytes(): Uint8Array;
  /** A FixedString as hex, or `''` when it is all zeros. */
  fixedHex(length: number): string;
  array<T>(item: () => T): T[];
}

/** Starts reading at the first byte of a whole `RowBinary` answer. */
export function createRowBinaryCursor(data: Buffer): RowBinaryCursor {
  let at = 0;

  function take(length: number): Buffer {
    if (length > data.length - at) throw new RangeError('RowBinary answer ends in mid-value');
    at += length;
    return data.subarray(at - length, at);
  }

  // LEB128, as in Protocol Buffers. Lengths beyond 2^53 cannot occur in a buffer of ours.
  function varUint(): number {
    let value = 0;
    for (let scale = 1; scale < Number.MAX_SAFE_INTEGER; scale *= 128) {
      const byte = take(1).readUInt8();
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) return value;
    }
    throw new RangeError('RowBinary answer has a length beyond 2^53');
  }

  function fixedHex(length: number): string {
    const hex = take(length).toString('hex');
    return /^0*$/.test(hex) ? '' : hex;
  }

  return {
    done: () => at === data.length,
    uint8: () => take(1).readUInt8(),
    enum8: (values) => {
      const value = take(1).readInt8();
      return namesOf(values).find((name) => values[name] === value);
    },
    uint32: () => take(4).readUInt32LE(),
    uint64: () => {
      const value = Number(take(8).readBigUInt64LE());
      if (!Number.isSafeInteger(value)) throw new RangeError('RowBinary answer has a huge number');
      return value;
    },
    int64: () => take(8).readBigInt64LE(),
    string: () => take(varUint()).toString('utf8'),
    bytes: () => take(varUint()),
    fixedHex,
    array: (item) => Array.from({ length: varUint() }, item),
  };
}

function namesOf<Name extends string>(values: Readonly<Record<Name, number>>): Name[] {
  return Object.keys(values) as Name[];
}
