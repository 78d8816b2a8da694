/**
 * All that the bench of a whole retention says in SQL about failtrace's own tables. When they change,
 * this is the file to change with them.
 */
import { recordSecondSql, tables, traceKeySql } from '@failtrace/collector-plugin/schema';

/** The tables that grow with failures. */
export const grownTables: readonly string[] = [
  tables.runRecords,
  tables.recordKeys,
  tables.stackTexts,
];

/** A table of the failures alone, as one would make it to ask by trace id. */
export const failuresByTrace = 'failures_by_trace';

/**
 * Makes {@link failuresByTrace}: sorted by the trace, each day of expiry a partition, in as many parts as
 * it was written in.
 */
export function makeFailuresByTrace(stretches: readonly { untilMs: number }[]): string[] {
  return [
    `CREATE TABLE ${failuresByTrace} AS ${tables.runRecords}
      ENGINE = MergeTree PARTITION BY toDate(expires_at) ORDER BY (trace_id, namespace, span_id)
      SETTINGS index_granularity = 256, min_bytes_for_wide_part = 4294967296, min_rows_for_wide_part = 4294967296`,
    `SYSTEM STOP MERGES ${failuresByTrace}`,
    ...stretches.map(
      (_, index) => `INSERT INTO ${failuresByTrace} SELECT * FROM ${tables.runRecords}
        WHERE source != 'none'
          AND at < fromUnixTimestamp64Milli(${Math.floor(stretches[index]?.untilMs ?? 0)}, 'UTC')
          AND at >= fromUnixTimestamp64Milli(${Math.floor(stretches[index - 1]?.untilMs ?? 0)}, 'UTC')`,
    ),
  ];
}

/** The bare query that a download is compared with: the failures of one trace, parameter `trace`. */
export const failuresOfTrace = `
  SELECT * FROM ${failuresByTrace}
  WHERE trace_id = unhex({trace:String})
  SETTINGS max_threads = 1`;

/** The bare query that a look-up is compared with: the rows of runs by their keys, parameter `keys`. */
export const keysOfRuns = `
  SELECT * FROM ${tables.recordKeys}
  WHERE key IN {keys:Array(UInt32)}
  SETTINGS max_threads = 1`;

/** The failures of one trace, as bare as our own tables give them, parameter `key`. */
export const recordsOfTrace = `
  SELECT * FROM ${tables.runRecords}
  WHERE (${recordSecondSql}, ${traceKeySql}) IN (
    SELECT second, key FROM ${tables.recordKeys} WHERE key = {key:UInt32}
  )
  SETTINGS max_threads = 1`;

/** Copies all rows into another database of the same schema, as if all had been written at one moment. */
export function copyWithOneExpiry(
  { from, to }: { from: string; to: string },
  expiresAt: { row: number; dropped: number; text: number },
): string[] {
  const moment = (seconds: number) => `toDateTime(${seconds}, 'UTC')`;
  return [
    `INSERT INTO ${to}.${tables.runRecords}
      SELECT * REPLACE (${moment(expiresAt.row)} AS expires_at, ${moment(expiresAt.dropped)} AS dropped_at)
      FROM ${from}.${tables.runRecords}`,
    `INSERT INTO ${to}.${tables.recordKeys}
      SELECT * REPLACE (${moment(expiresAt.dropped)} AS dropped_at) FROM ${from}.${tables.recordKeys}`,
    `INSERT INTO ${to}.${tables.stackTexts}
      SELECT * REPLACE (${moment(expiresAt.text)} AS expires_at) FROM ${from}.${tables.stackTexts}`,
  ];
}

/**
 * What the exporter's tables are filled with: each failure of a stretch of time as the span that failed,
 * by names that do not change with the tables. Parameters `from` and `until`, milliseconds of the end of
 * the span, the second exclusive.
 */
export const failedSpans = (database: string) => `
  SELECT
    lower(hex(trace_id)) AS trace,
    lower(hex(span_id)) AS span,
    if(parent_span_id = toFixedString('', 8), '', lower(hex(parent_span_id))) AS parent,
    run_id AS run,
    toString(namespace) AS namespace_name,
    toString(service) AS service_name,
    toString(span_name) AS name,
    at - toIntervalNanosecond(started_before) AS started,
    at - toIntervalNanosecond(ended_before) AS ended,
    at - toIntervalNanosecond(occurred_before) AS occurred,
    toString(error_type) AS type,
    error_message AS message
  FROM ${database}.${tables.runRecords}
  WHERE source != 'none'
    AND at >= fromUnixTimestamp64Milli({from:Int64}, 'UTC')
    AND at < fromUnixTimestamp64Milli({until:Int64}, 'UTC')`;
