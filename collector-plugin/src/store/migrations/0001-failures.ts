import {
  columnDefinitions,
  recordColumns,
  recordKeyColumns,
  stackTextColumns,
} from '../columns.ts';
import { recordSecondSql, recordWordsSql, tables } from '../schema.ts';
import type { Migration } from './migration.ts';

/*
 * A look-up reads one granule or two, so granules are small: 256 narrow rows, 32 chunks. Rows that are
 * always read whole stand in compact parts, one file in place of two for each column: over a million
 * failures that took a look-up of all columns from 5.1 to 3.6 ms.
 */
const wholeRows =
  'min_bytes_for_wide_part = 4294967296, min_rows_for_wide_part = 4294967296, index_granularity = 256';

/*
 * Records stand in the order of their time, so that lists read where they begin; and in few parts, a tenth
 * of the retention each, so that neither a list nor a look-up opens very many. By id they are found
 * through the keys, which stand in no partitions at all. The namespace and the service are among what keys
 * are sorted by, so that what belongs to others is not even read: how long an answer takes would tell a
 * caller how much of it there is.
 */
export const failures: Migration = {
  version: 1,
  name: 'failures',
  statements: (qualified) => [
    `CREATE TABLE IF NOT EXISTS ${qualified(tables.runRecords)} (
      ${columnDefinitions(recordColumns)},
      INDEX words ${recordWordsSql} TYPE text(
        tokenizer = splitByNonAlpha, preprocessor = lowerUTF8(${recordWordsSql})
      ),
      INDEX services service TYPE text(tokenizer = array),
      INDEX namespaces namespace TYPE text(tokenizer = array)
    ) ENGINE = MergeTree
    PARTITION BY dropped_at
    PRIMARY KEY (${recordSecondSql}, at)
    ORDER BY (${recordSecondSql}, at, run_id, trace_id)
    TTL dropped_at
    SETTINGS ${wholeRows}, ttl_only_drop_parts = 1, default_compression_codec = 'ZSTD(1)'`,

    `CREATE TABLE IF NOT EXISTS ${qualified(tables.recordKeys)} (
      ${columnDefinitions(recordKeyColumns)}
    ) ENGINE = MergeTree
    PRIMARY KEY (key, namespace)
    ORDER BY (key, namespace, service)
    TTL dropped_at
    SETTINGS ${wholeRows}, default_compression_codec = 'ZSTD(1)'`,

    `CREATE TABLE IF NOT EXISTS ${qualified(tables.stackTexts)} (
      ${columnDefinitions(stackTextColumns)}
    ) ENGINE = ReplacingMergeTree
    PARTITION BY toDate(expires_at)
    ORDER BY (text_hash, chunk)
    TTL expires_at
    SETTINGS index_granularity = 32, ttl_only_drop_parts = 1`,
  ],
};
