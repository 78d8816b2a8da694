import type { RowBinaryBuffer, Slices } from './row-binary-buffer.ts';
import type { RowBinaryCursor } from './row-binary-cursor.ts';

/**
 * A type of column: its name in ClickHouse, and how a value of it is written and read as RowBinary.
 * The two sides see a value differently: the writer has the bytes that arrived, the reader wants hex
 * and text.
 */
export interface ColumnKind<Written, Read> {
  readonly type: string;
  write(rows: RowBinaryBuffer, value: Written): void;
  read(row: RowBinaryCursor): Read;
}

/** One column of a table. */
export interface Column<Written, Read> {
  readonly name: string;
  readonly kind: ColumnKind<Written, Read>;
  /** What follows the type in `CREATE TABLE`, such as a codec. */
  readonly codec: string;
}

export function column<Written, Read>(
  name: string,
  kind: ColumnKind<Written, Read>,
  codec = '',
): Column<Written, Read> {
  return { name, kind, codec };
}

/** Bytes of a fixed length: an id or a hash. Read as lower-case hex, `''` for all zeros. */
export function fixed(length: number): ColumnKind<Buffer, string> {
  return {
    type: `FixedString(${length})`,
    write: (rows, value) => rows.fixedString(value, length),
    read: (row) => row.fixedHex(length),
  };
}

/** The same, where many rows share one. */
export function sharedFixed(length: number): ColumnKind<Buffer, string> {
  return { ...fixed(length), type: `LowCardinality(FixedString(${length}))` };
}

/** Text of UTF-8. */
export const text: ColumnKind<Buffer, string> = {
  type: 'String',
  write: (rows, value) => rows.string(value),
  read: (row) => row.string(),
};

/** A name that many rows share. */
export const label: ColumnKind<Buffer, string> = { ...text, type: 'LowCardinality(String)' };

/** Bytes that somebody recorded as text; they need not be valid UTF-8. */
export const bytes: ColumnKind<Buffer, Uint8Array> = {
  type: 'String',
  write: (rows, value) => rows.string(value),
  read: (row) => row.bytes(),
};

/** The same, where many rows share one. */
export const sharedBytes: ColumnKind<Buffer, Uint8Array> = {
  ...bytes,
  type: 'LowCardinality(String)',
};

/** A moment, in nanoseconds since the Unix epoch. */
export const moment: ColumnKind<bigint, bigint> = {
  type: `DateTime64(9, 'UTC')`,
  write: (rows, value) => rows.dateTime64(value),
  read: (row) => row.int64(),
};

/** A length of time, in nanoseconds; less than zero where clocks disagree. */
export const nanoseconds: ColumnKind<bigint, bigint> = {
  type: 'Int64',
  write: (rows, value) => rows.int64(value),
  read: (row) => row.int64(),
};

/** A moment, in seconds since the Unix epoch. */
export const seconds: ColumnKind<number, number> = {
  type: `DateTime('UTC')`,
  write: (rows, value) => rows.uint32(value),
  read: (row) => row.uint32(),
};

export const flag: ColumnKind<boolean, boolean> = {
  type: 'Bool',
  write: (rows, value) => rows.uint8(value ? 1 : 0),
  read: (row) => row.uint8() === 1,
};

/** A whole number that JavaScript can hold. */
export const count: ColumnKind<number, number> = {
  type: 'UInt64',
  write: (rows, value) => rows.uint64(BigInt(value)),
  read: (row) => row.uint64(),
};

/** A whole number of 32 bits. */
export const index: ColumnKind<number, number> = {
  type: 'UInt32',
  write: (rows, value) => rows.uint32(value),
  read: (row) => row.uint32(),
};

/** What was cut out of one text; views of it for the writer. */
export const manyBytes: ColumnKind<Slices, readonly Uint8Array[]> = {
  type: 'Array(String)',
  write: (rows, value) => rows.stringArray(value),
  read: (row) => row.array(() => row.bytes()),
};

/** One of a few names, written as its number. A number that is none of them reads as `otherwise`. */
export function oneOf<Name extends string>(
  values: Readonly<Record<Name, number>>,
  otherwise: NoInfer<Name>,
): ColumnKind<number, Name> {
  const members = Object.entries(values).map(([name, value]) => `'${name}' = ${String(value)}`);
  return {
    type: `Enum8(${members.join(', ')})`,
    write: (rows, value) => rows.uint8(value),
    read: (row) => row.enum8(values) ?? otherwise,
  };
}
