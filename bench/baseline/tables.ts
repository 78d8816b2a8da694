/** The simple way to keep failures: one table, the text in the row. */
export const simpleTable = 'simple_failures';

export const createSimpleTable = `CREATE TABLE IF NOT EXISTS ${simpleTable} (
  run_id String,
  trace_id String,
  span_id String,
  service LowCardinality(String),
  span_name LowCardinality(String),
  occurred_at DateTime64(9, 'UTC'),
  error_type LowCardinality(String),
  error_message String,
  stack_text String CODEC(ZSTD(3))
) ENGINE = MergeTree ORDER BY (run_id, trace_id)`;
