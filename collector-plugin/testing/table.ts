import type { TableDefinition } from '../src/store/table-definition.ts';

/** A small table of a schema that is not failtrace's. */
export function table(name: string): TableDefinition {
  return {
    name,
    columns: 'trace_id FixedString(16) CODEC(ZSTD(1)),\na UInt8,\nexpires_at DateTime',
    indices: ['INDEX by_a a TYPE minmax GRANULARITY 1'],
    engine: 'ReplacingMergeTree',
    orderBy: '(trace_id, a)',
    partitionBy: 'toDate(expires_at)',
    ttl: 'expires_at',
    settings: 'index_granularity = 256, ttl_only_drop_parts = 1',
    sharding: 'CRC32(trace_id)',
  };
}
