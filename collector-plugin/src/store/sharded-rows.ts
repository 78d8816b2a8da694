import { RowBinaryBuffer } from './row-binary-buffer.ts';

/** Rows of a table whose shard the writer names, by the number of that shard; 0 where there is no cluster. */
export class ShardedRows {
  readonly #shards = new Map<number, RowBinaryBuffer>();

  get byteLength(): number {
    let bytes = 0;
    for (const rows of this.#shards.values()) bytes += rows.byteLength;
    return bytes;
  }

  /** Those of a shard, to append to. */
  of(shard: number): RowBinaryBuffer {
    const rows = this.#shards.get(shard) ?? new RowBinaryBuffer();
    this.#shards.set(shard, rows);
    return rows;
  }

  [Symbol.iterator](): Iterator<[shard: number, rows: RowBinaryBuffer]> {
    return this.#shards.entries();
  }
}
