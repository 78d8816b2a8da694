import { columnDefinitions, failureColumns, runSpanColumns, stackTextColumns } from '../columns.ts';
import { tables } from '../schema.ts';
import { TRACE_SHARDING } from '../shards.ts';
import type { TableDefinition } from '../table-definition.ts';
import type { Migration } from './migration.ts';

// Expiry drops whole parts, so a part must not mix days of expiry.
const byExpiry = { partitionBy: 'toDate(expires_at)', ttl: 'expires_at' } as const;
const wholeParts = 'ttl_only_drop_parts = 1';

/*
 * A look-up reads one granule of each part, so granules are small: 256 narrow rows, 32 chunks. Rows
 * that are always read whole stand in compact parts, one file in place of two for each column: over
 * a million failures that took a look-up of all columns from 5.1 to 3.6 ms.
 */
const wholeRows =
  'min_bytes_for_wide_part = 4294967296, min_rows_for_wide_part = 4294967296, index_granularity = 256';
// Lists look at the recent past. Keys are random, so a granule holds times of all its part, and what
// this passes over is whole parts: all but the newest.
const byTime = (time: string) => `INDEX by_time ${time} TYPE minmax GRANULARITY 1024`;

/*
 * The namespace stands in both keys, so that what belongs to others is not even read: how long an answer
 * takes would tell a caller how much of it there is.
 */
const failuresTable: TableDefinition = {
  name: tables.failures,
  columns: columnDefinitions(failureColumns),
  indices: [byTime('greatest(span_ended_at, occurred_at)')],
  engine: 'MergeTree',
  orderBy: '(trace_id, namespace, span_id, occurred_at)',
  ...byExpiry,
  settings: `${wholeRows}, ${wholeParts}`,
  sharding: TRACE_SHARDING,
};

const stackTextsTable: TableDefinition = {
  name: tables.stackTexts,
  columns: columnDefinitions(stackTextColumns),
  engine: 'ReplacingMergeTree',
  orderBy: '(text_hash, chunk)',
  ...byExpiry,
  settings: `index_granularity = 32, ${wholeParts}`,
  // A text stands on every shard that has a failure which needs it.
  sharding: null,
};

const runSpansTable: TableDefinition = {
  name: tables.runSpans,
  columns: columnDefinitions(runSpanColumns),
  indices: [
    'INDEX trace_id_bloom trace_id TYPE bloom_filter(0.001) GRANULARITY 1',
    byTime('ended_at'),
  ],
  engine: 'MergeTree',
  orderBy: '(run_id, namespace, trace_id)',
  ...byExpiry,
  settings: `${wholeRows}, ${wholeParts}`,
  sharding: TRACE_SHARDING,
};

export const failures: Migration = {
  version: 1,
  name: 'failures',
  steps: [{ create: failuresTable }, { create: stackTextsTable }, { create: runSpansTable }],
};
