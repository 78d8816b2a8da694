import { crc32 } from 'node:zlib';

/**
 * How ClickHouse finds the shard of a row: all rows of a trace stand on one, so that what is asked of
 * them by trace is asked of each shard alone. All 16 bytes count, because senders fill some of them with
 * a time, a counter or zeros. Nothing of it is secret: who may send may choose the shard of a trace.
 */
export const TRACE_SHARDING = 'CRC32(trace_id)';

/**
 * The shards of a cluster as ClickHouse's `Distributed` takes its turns: the number of each shard as
 * often as its weight says. Empty where there is no cluster.
 */
export type ShardSlots = readonly number[];

/**
 * The number of the shard on which the rows of a trace stand, from 1; 0 where there is no cluster. The
 * writer needs it to put texts beside the failures that need them; it is {@link TRACE_SHARDING}, by
 * the same modulo as ClickHouse's.
 */
export function shardOfTrace(slots: ShardSlots, traceId: Buffer): number {
  return slots.length === 0 ? 0 : (slots[crc32(traceId) % slots.length] ?? 0);
}
