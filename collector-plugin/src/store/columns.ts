import { FAILURE_SOURCES, SPAN_STATUSES } from '@failtrace/contract';
import {
  bytes,
  column,
  type Column,
  count,
  fixed,
  flag,
  index,
  label,
  manyBytes,
  moment,
  nanoseconds,
  oneOf,
  seconds,
  sharedBytes,
  sharedFixed,
  text,
} from './column-kinds.ts';
import type { RowBinaryBuffer } from './row-binary-buffer.ts';
import type { RowBinaryCursor } from './row-binary-cursor.ts';

/*
 * The one table of columns. `CREATE TABLE`, the INSERT with its encoder, the SELECT with its decoder and
 * the types of both sides follow from it: a new column is a line here and its value in `rows.ts`.
 */
const zstd = 'CODEC(ZSTD(1))';
const zstdText = 'CODEC(ZSTD(3))';

const RECORD_SOURCES = { none: 0, ...FAILURE_SOURCES } as const;

/**
 * One row for each recorded exception, and for each span that names a run. Where a span is both, and
 * mostly it is, the row of one of its exceptions speaks for the span as well: ids and times are most of
 * what a row takes on disk.
 */
export const recordColumns = {
  /** When the span ended, or its exception occurred where that is later. */
  at: column('at', moment, `CODEC(Delta(8), ZSTD(1))`),
  traceId: column('trace_id', fixed(16)),
  spanId: column('span_id', fixed(8)),
  /** Zero for a root span. */
  parentSpanId: column('parent_span_id', fixed(8), zstd),
  /** Empty unless the span or its resource carries a run id. */
  runId: column('run_id', text, zstd),
  namespace: column('namespace', label),
  service: column('service', label),
  spanName: column('span_name', label),
  // Nanoseconds before `at`: short numbers where moments are long.
  endedBefore: column('ended_before', nanoseconds, zstd),
  startedBefore: column('started_before', nanoseconds, zstd),
  /** Of the exception; zero where there is none. */
  occurredBefore: column('occurred_before', nanoseconds, zstd),
  /** Whether the row speaks for a span that names a run: its `run_id`, or its trace where that is empty. */
  namesRun: column('names_run', flag),
  /** Of the span. */
  status: column('status', oneOf(SPAN_STATUSES, 'unset')),
  /** Where the exception was recorded; `none` where the row is a span alone. */
  source: column('source', oneOf(RECORD_SOURCES, 'none')),
  /** Whether its span did not end in ERROR, nor the exception left it. */
  handled: column('handled', flag),
  /** Whether the status message of its span names it. */
  outcome: column('outcome', flag),
  /** Whether the stack text names neither its type nor its message. */
  headless: column('headless', flag),
  /** Whether the stack text ends in the middle, or lost attributes, before it came here. */
  cutUpstream: column('cut_upstream', flag),
  /** How many events of its span were lost before it came here. */
  droppedEvents: column('dropped_events', count, zstd),
  errorType: column('error_type', label),
  /** The message, or the beginning of one that is too long to stand in a row. */
  message: column('error_message', bytes, zstdText),
  /** Bytes of the whole message. */
  messageBytes: column('message_bytes', count, zstd),
  /** Names the whole message among the stack texts where the row has its beginning alone; else zero. */
  messageHash: column('message_hash', fixed(16), zstd),
  /** Names the template of the stack text; zero when there is no stack text. */
  textHash: column('text_hash', sharedFixed(16), zstd),
  /** How long the template is and where something was cut out of it, as `template-form.ts` has it. */
  templateForm: column('template_form', sharedBytes, zstd),
  /** What was cut out of the stack text besides the message and its words, in order. */
  cuts: column('cuts', manyBytes, zstdText),
  expiresAt: column('expires_at', seconds, `CODEC(Delta(4), ZSTD(1))`),
  /** When all rows that are dropped together with this one are. */
  droppedAt: column('dropped_at', seconds, zstd),
};

/**
 * Where the records of a run and of a trace stand: records are in the order of their time, in which a
 * random id cannot be looked up. The key of a run leads to the keys of its traces, and that of a trace to
 * the seconds of its records.
 */
export const recordKeyColumns = {
  /** See `record-key.ts`. */
  key: column('key', index, `CODEC(Delta(4), ZSTD(1))`),
  namespace: column('namespace', label),
  service: column('service', label),
  /** The key of the trace in which a run stands; zero in a row of a trace itself. */
  traceKey: column('trace_key', index, zstd),
  /** The second of the record's `at`, since the Unix epoch. */
  second: column('second', index, zstd),
  droppedAt: column('dropped_at', seconds, zstd),
};

export const stackTextColumns = {
  textHash: column('text_hash', fixed(16)),
  chunk: column('chunk', index),
  content: column('content', bytes, zstdText),
  expiresAt: column('expires_at', seconds),
};

type Columns = Readonly<Record<string, Column<never, unknown>>>;

/** A row as its writer has it. */
export type WrittenRow<C extends Columns> = {
  readonly [Key in keyof C]: C[Key] extends Column<infer Written, unknown> ? Written : never;
};

/** A row as its reader gets it. */
export type ReadRow<C extends Columns> = {
  [Key in keyof C]: C[Key] extends Column<never, infer Read> ? Read : never;
};

/** The names of columns, in their order, for an INSERT or a SELECT. */
export function columnNames(columns: Columns): string {
  return Object.values(columns)
    .map(({ name }) => name)
    .join(', ');
}

/** The columns as `CREATE TABLE` wants them. */
export function columnDefinitions(columns: Columns): string {
  return Object.values(columns)
    .map(({ name, kind, codec }) => [name, kind.type, codec].filter(Boolean).join(' '))
    .join(',\n');
}

/** Appends a row. */
export function writeRow<C extends Columns>(
  rows: RowBinaryBuffer,
  columns: C,
  values: WrittenRow<C>,
): void {
  for (const key in columns) columns[key]?.kind.write(rows, values[key] as never);
  rows.endRow();
}

/** Reads the next row of a SELECT of {@link columnNames}. */
export function readRow<C extends Columns>(row: RowBinaryCursor, columns: C): ReadRow<C> {
  const read: Record<string, unknown> = {};
  for (const key in columns) read[key] = columns[key]?.kind.read(row);
  return read as ReadRow<C>;
}
