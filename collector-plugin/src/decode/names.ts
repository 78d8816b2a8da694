/** Names in order of preference, prepared for comparison with the bytes of a body. */
export interface NameTable {
  readonly names: readonly string[];
  readonly encoded: readonly Buffer[];
  /** 1 at each byte length that some name has: one load tells most other names apart. */
  readonly lengths: Uint8Array;
}

/** Prepares names to look others up by; the index of a name is its rank. */
export function nameTable(names: readonly string[]): NameTable {
  const encoded = names.map((name) => Buffer.from(name));
  const lengths = new Uint8Array(Math.max(127, ...encoded.map((name) => name.length)) + 1);
  for (const name of encoded) lengths[name.length] = 1;
  return { names, encoded, lengths };
}

/** The rank of the name that the bytes from `start` to `end` are, or -1. Makes no object. */
export function rankOf(table: NameTable, bytes: Buffer, start: number, end: number): number {
  const { lengths, encoded } = table;
  const length = end - start;
  if (length >= lengths.length || lengths[length] === 0) return -1;
  const first = bytes[start];
  for (let rank = 0; rank < encoded.length; rank += 1) {
    const name = encoded[rank] as Buffer;
    if (name.length !== length || name[0] !== first) continue;
    let index = 1;
    while (index < length && bytes[start + index] === name[index]) index += 1;
    if (index >= length) return rank;
  }
  return -1;
}
