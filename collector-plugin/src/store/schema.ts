/**
 * What the one package that writes the tables and those that read them agree on: their names, their
 * columns, and the limits of what stands in a row. Without any dependency but the contract.
 */
export { columnNames, failureColumns, readRow, runSpanColumns, type ReadRow } from './columns.ts';
export { createRowBinaryCursor, type RowBinaryCursor } from './row-binary-cursor.ts';

/** The names of failtrace's tables, unqualified: the ClickHouse client carries the database. */
export const tables = {
  /** One narrow row for each recorded exception, or run span that ended in ERROR without one. */
  failures: 'failures',
  /** Stack texts and long messages, in chunks, keyed by the hash of their content. */
  stackTexts: 'stack_texts',
  /** Which traces belong to a run: one row for each span that carries the run id. */
  runSpans: 'run_spans',
  /** The migrations that have been applied. */
  migrations: 'schema_migrations',
  /** Who may apply migrations now: the name of its one column. */
  lock: 'schema_lock',
} as const;

/** No chunk of a stack text is longer, in bytes. */
export const STACK_TEXT_CHUNK_BYTES = 65_536;

/**
 * A longer message stands among the stack texts, and its row has only as many bytes of it. So rows stay
 * narrow whatever is sent, and no list of runs has to read megabytes because of one of them.
 */
export const ROW_MESSAGE_BYTES = 8_192;
