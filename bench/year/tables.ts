/**
 * All that the bench of a whole retention says in SQL about failtrace's own tables. When they change,
 * this is the file to change with them.
 */
import { tables } from '@failtrace/collector-plugin/schema';

/** The tables that grow with failures. */
export const grownTables: readonly string[] = [tables.failures, tables.runSpans, tables.stackTexts];

/** The bare query that a download is compared with: the failures of one trace, parameter `trace`. */
export const failuresOfTrace = `
  SELECT * FROM ${tables.failures}
  WHERE trace_id = unhex({trace:String})
  SETTINGS max_threads = 1`;

/** The bare query that a look-up is compared with: the rows of runs by their ids, parameter `ids`. */
export const rowsOfRuns = `
  SELECT * FROM ${tables.runSpans}
  WHERE run_id IN {ids:Array(String)}
  SETTINGS max_threads = 1`;

/** Copies all rows into another database of the same schema, as if all had been written at one moment. */
export function copyWithOneExpiry(
  { from, to }: { from: string; to: string },
  expiresAt: { row: number; text: number },
): string[] {
  const copy = (table: string, seconds: number) => `
    INSERT INTO ${to}.${table}
    SELECT * REPLACE (toDateTime(${seconds}, 'UTC') AS expires_at) FROM ${from}.${table}`;
  return [
    copy(tables.failures, expiresAt.row),
    copy(tables.runSpans, expiresAt.row),
    copy(tables.stackTexts, expiresAt.text),
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
    span_started_at AS started,
    span_ended_at AS ended,
    occurred_at AS occurred,
    toString(error_type) AS type,
    error_message AS message
  FROM ${database}.${tables.failures}
  WHERE span_ended_at >= fromUnixTimestamp64Milli({from:Int64}, 'UTC')
    AND span_ended_at < fromUnixTimestamp64Milli({until:Int64}, 'UTC')`;
