/**
 * What the one package that writes the tables and those that read them agree on: their names, their
 * columns, and the limits of what stands in a row. Without any dependency but the contract.
 */
export { columnNames, readRow, recordColumns, type ReadRow } from './columns.ts';
export { runKey, traceKey, traceKeySql } from './record-key.ts';
export { filledForm, TemplateForm, type FilledForm, type FilledHole } from './template-form.ts';
export { createRowBinaryCursor, type RowBinaryCursor } from './row-binary-cursor.ts';

/** The names of failtrace's tables, unqualified: the ClickHouse client carries the database. */
export const tables = {
  /** One narrow row for each recorded exception, and for each span that names a run. */
  runRecords: 'run_records',
  /** Where the records of a run or of a trace stand. */
  recordKeys: 'record_keys',
  /** Stack texts and long messages, in chunks, keyed by the hash of their content. */
  stackTexts: 'stack_texts',
  /** The migrations that have been applied. */
  migrations: 'schema_migrations',
  /** Who may apply migrations now: the name of its one column. */
  lock: 'schema_lock',
} as const;

/** No chunk of a stack text is longer, in bytes. */
export const STACK_TEXT_CHUNK_BYTES = 65_536;

/** SQL for the first part of the order in which records stand: the second of their `at`. */
export const recordSecondSql = 'toUnixTimestamp(at)';

/** Words are searched for in so many bytes of a message. */
const SEARCHED_MESSAGE_BYTES = 1_024;

/** SQL for the words of a record that can be searched for. Queries have to say it in the same letters. */
export const recordWordsSql = `concat(error_type, ' ', substring(error_message, 1, ${SEARCHED_MESSAGE_BYTES}))`;

/**
 * A longer message stands among the stack texts, and its row has only as many bytes of it. So rows stay
 * narrow whatever is sent, and no list of runs has to read megabytes because of one of them.
 */
export const ROW_MESSAGE_BYTES = 8_192;
