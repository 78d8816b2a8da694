import {
  columnDefinitions,
  recordColumns,
  recordKeyColumns,
  stackTextColumns,
} from '../columns.ts';
import { recordSecondSql, recordWordsSql, tables } from '../schema.ts';
import { TRACE_SHARDING } from '../shards.ts';
import type { TableDefinition } from '../table-definition.ts';
import type { Migration } from './migration.ts';

/*
 * A look-up reads one granule or two, so granules are small: 256 narrow rows, 32 chunks. Rows that are
 * always read whole stand in compact parts, one file in place of two for each column: over a million
 * failures that took a look-up of all columns from 5.1 to 3.6 ms.
 */
const wholeRows =
  'min_bytes_for_wide_part = 4294967296, min_rows_for_wide_part = 4294967296, index_granularity = 256';

const smallRows = `default_compression_codec = 'ZSTD(1)'`;
// A partition that nothing is written to any more becomes one part.
const onePartInTheEnd =
  'min_age_to_force_merge_seconds = 3600, min_age_to_force_merge_on_partition_only = 1';
// Each part costs a look-up of fifty keys 2.5 ms, and a key takes ten bytes to write again: so sooner merged.
const fewerParts = 'merge_selector_base = 2';
// Expiry drops whole parts, and rewrites none.
const wholeParts = 'ttl_only_drop_parts = 1';

/*
 * Records stand in the order of their time, so that lists read where they begin; and in few parts, a tenth
 * of the retention each, so that neither a list nor a look-up opens very many. By id they are found
 * through the keys, which stand in no partitions at all. The namespace and the service are among what keys
 * are sorted by, so that what belongs to others is not even read: how long an answer takes would tell a
 * caller how much of it there is.
 */
/*
 * A sender that had no answer sends again, and both rows have the same place in this order: when their parts are
 * merged, one is left. So the order holds all that tells two records apart, down to the last byte of their message, and
 * nothing of when they were stored. What is long of it is hashed. Whose a record is stands there in full: else one tenant might
 * find a record with the same hash as another one's, and put it in its place.
 */
const recordIdentity = `trace_id, span_id, namespace, service, names_run, source, cityHash64(
  parent_span_id, run_id, span_name, ended_before, started_before, occurred_before, status, handled, error_type,
  error_message, message_bytes, message_hash, text_hash, template_form, cuts
)`;

const runRecords: TableDefinition = {
  name: tables.runRecords,
  columns: columnDefinitions(recordColumns),
  indices: [
    `INDEX words ${recordWordsSql} TYPE text(
      tokenizer = splitByNonAlpha, preprocessor = lowerUTF8(${recordWordsSql})
    )`,
    'INDEX services service TYPE text(tokenizer = array)',
    'INDEX namespaces namespace TYPE text(tokenizer = array)',
  ],
  engine: 'ReplacingMergeTree',
  partitionBy: 'dropped_at',
  primaryKey: `(${recordSecondSql}, at)`,
  orderBy: `(${recordSecondSql}, at, ${recordIdentity})`,
  ttl: 'dropped_at',
  settings: `${wholeRows}, ${wholeParts}, ${smallRows}, ${onePartInTheEnd}`,
  sharding: TRACE_SHARDING,
};

const recordKeys: TableDefinition = {
  name: tables.recordKeys,
  columns: columnDefinitions(recordKeyColumns),
  engine: 'ReplacingMergeTree',
  // A key is needed for as long as the last of the records that it leads to.
  version: 'dropped_at',
  primaryKey: '(key, namespace, service)',
  orderBy: '(key, namespace, service, trace_key, second)',
  ttl: 'dropped_at',
  settings: `${wholeRows}, ${smallRows}, ${fewerParts}`,
  // The keys of a trace, and of the run in it, stand on the shard of its records.
  sharding: null,
};

const stackTexts: TableDefinition = {
  name: tables.stackTexts,
  columns: columnDefinitions(stackTextColumns),
  engine: 'ReplacingMergeTree',
  partitionBy: 'toDate(expires_at)',
  orderBy: '(text_hash, chunk)',
  ttl: 'expires_at',
  settings: `index_granularity = 32, ${wholeParts}`,
  // A text stands on every shard that has a failure which needs it.
  sharding: null,
};

export const failures: Migration = {
  version: 1,
  name: 'failures',
  steps: [{ create: runRecords }, { create: recordKeys }, { create: stackTexts }],
};
