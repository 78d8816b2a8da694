/**
 * The names of failtrace's tables, for the one package that writes them and for those that read.
 * Unqualified: the ClickHouse client carries the database.
 */
export const tables = {
  /** One narrow row for each recorded exception, or run span that ended in ERROR without one. */
  failures: 'failures',
  /** Stack texts, in chunks, keyed by the hash of their content. */
  stackTexts: 'stack_texts',
  /** Which traces belong to a run: one row for each span that carries the run id. */
  runSpans: 'run_spans',
  /** The migrations that have been applied. */
  migrations: 'schema_migrations',
} as const;

/** Where a failure was recorded: the Enum8 of the `source` column. */
export const failureSources = { span_event: 1, span_status: 2, log_record: 3 } as const;

/** How a run span ended, by its own status code: the Enum8 of the `status` column. */
export const spanStatuses = { unset: 0, ok: 1, error: 2 } as const;

/** No chunk of a stack text is longer, in bytes. */
export const STACK_TEXT_CHUNK_BYTES = 65_536;

/** How many days a stack text outlives the last failure that needs it. */
export const STACK_TEXT_GRACE_DAYS = 2;
