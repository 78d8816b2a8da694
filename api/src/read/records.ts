import { columnNames, readRow, recordColumns, tables } from '@failtrace/collector-plugin/schema';
import {
  anyRowsLimit,
  MOST_BYTES_OF_MESSAGES,
  MOST_COUNTED_TRACES,
  pointLookup,
  rankedLookup,
  rowLimits,
  spansOfTrace,
} from './limits.ts';
import type { Depth, RowLimits } from './limits.ts';
import { inTraces, inTracesOfRuns, isNamingRun, namedRun, traceIdsAmong } from './record-places.ts';
import type { Part, RunQuestion } from './record-places.ts';
import type { RecordRow } from './rows.ts';
import type { Scope } from './scope.ts';
import type { Select } from './select.ts';

const names = columnNames(recordColumns);

const records = (columns: string, condition: string) => `
  SELECT ${columns} FROM ${tables.runRecords}
  WHERE ${condition}`;

/**
 * The records in the traces of these runs, whichever run each belongs to; as many as any will do of each
 * query. Those of the traces that are known come by a query of their own, and none by both.
 */
export function anyRecordsQueries(question: RunQuestion, scope: Scope): Select<RecordRow>[] {
  const { runIds, traceIds = [] } = question;
  const parts = [inTracesOfRuns({ runIds }, scope, traceIds)];
  if (traceIds.length > 0) parts.push(inTraces(traceIds, scope));
  return parts.map(({ sql, params }) => ({
    sql: `${records(names, sql)} LIMIT ${anyRowsLimit}`,
    params,
    settings: pointLookup,
    decode,
  }));
}

/**
 * What a failure is told apart by. `exact` reads its message; `narrow` leaves that out, so that failures of one
 * span, moment and type count as one where their messages are of one length.
 */
export type FailureIdentity = 'exact' | 'narrow';

const plainColumns =
  'trace_id, span_id, at, occurred_before, namespace, service, source, message_bytes, message_hash';
const textKey = 'cityHash64(error_type, text_hash, template_form, cuts)';
const messageKey = 'cityHash64(error_message)';

const identities = {
  exact: {
    sql: `${plainColumns}, ${textKey}, ${messageKey}`,
    selected: `${plainColumns}, ${textKey} AS text_key, ${messageKey} AS message_key`,
    names: `${plainColumns}, text_key, message_key`,
    settings: { ...rankedLookup, max_bytes_to_read: String(MOST_BYTES_OF_MESSAGES) },
  },
  narrow: {
    sql: `${plainColumns}, ${textKey}`,
    selected: `${plainColumns}, ${textKey} AS text_key`,
    names: `${plainColumns}, text_key`,
    settings: rankedLookup,
  },
} as const;

type Identity = (typeof identities)[FailureIdentity];

// Sorted by what is narrow of them: a trace that throws in a loop may have hundreds of thousands. What was
// delivered twice counts once, or it would take the room of the rest.
// GLOBAL: in a cluster these are the first of all shards together, and not the first of each.
const firstFailures = (condition: string, limits: RowLimits, identity: Identity) => `
  ${records(names, condition)} AND source != 'none' AND (${identity.sql}) GLOBAL IN (
    SELECT ${identity.names} FROM (
      ${records(
        `${identity.selected}, min(handled) AS is_handled, max(names_run) AS is_of_run,
        max(at - toIntervalNanosecond(ended_before)) AS ended_at`,
        condition,
      )} AND source != 'none'
      GROUP BY ${identity.names}
      ORDER BY is_handled, is_of_run DESC, ended_at DESC, at - toIntervalNanosecond(occurred_before) DESC
      LIMIT ${limits.failuresOfTrace} BY trace_id, namespace
    )
    ORDER BY is_handled, is_of_run DESC, ended_at DESC, at - toIntervalNanosecond(occurred_before) DESC
    LIMIT ${limits.failuresOfNamespace} BY namespace
  )
  LIMIT 1 BY ${identity.sql}
  LIMIT ${limits.rows}`;

/**
 * Those failures that matter most: not handled before handled, those of the span that is the run before
 * those below it, the last before the first.
 */
export function firstFailuresQuery(
  question: RunQuestion,
  scope: Scope,
  depth: Depth,
  identity: FailureIdentity,
): Select<RecordRow> {
  const { sql: condition, params } = inTracesOfRuns(question, scope);
  const told = identities[identity];
  const sql = firstFailures(condition, rowLimits[depth], told);
  return { sql, params, settings: told.settings, decode };
}

/** How many failures are recorded in a trace. */
export interface FailureCount {
  traceId: string;
  failures: number;
}

/** Counts the failures in the traces of these runs, each once however often it was delivered. */
export function failureCountsQuery(
  question: RunQuestion,
  scope: Scope,
  identity: FailureIdentity,
): Select<FailureCount> {
  const { sql: condition, params } = inTracesOfRuns(question, scope);
  const { sql, settings } = identities[identity];
  return {
    sql: `
      ${records(`trace_id, uniqExact(${sql})`, condition)} AND source != 'none'
      GROUP BY trace_id
      LIMIT ${MOST_COUNTED_TRACES}`,
    params,
    settings,
    decode: (row) => ({ traceId: row.fixedHex(16), failures: row.uint64() }),
  };
}

/** What a span is told apart by. One that was delivered thousands of times takes the room of one. */
const spanKey = 'run_id, namespace, trace_id, span_id';

// Sorted by narrow columns alone: the labels of a span may have some kilobytes, and there may be very
// many. The topmost is the root or else the span that started first (reconstruct/topmost.ts).
const firstSpans = (condition: string, { tracesOfRun, rows }: RowLimits) => `
  ${records(names, condition)} AND names_run AND (${spanKey}) GLOBAL IN (
    SELECT ${spanKey} FROM (
      ${records(`DISTINCT ${spanKey}, at - toIntervalNanosecond(ended_before) AS ended_at, at - toIntervalNanosecond(started_before) AS started_at, parent_span_id`, condition)} AND names_run
      ORDER BY parent_span_id != toFixedString('', 8), started_at, span_id
      LIMIT ${spansOfTrace} BY run_id, namespace, trace_id
    )
    ORDER BY ended_at DESC
    LIMIT ${tracesOfRun * spansOfTrace} BY ${namedRun}, namespace
  )
  LIMIT 1 BY ${spanKey}
  LIMIT ${rows}`;

/** Spans that name one of these runs, or stand for one of these traces. */
const nameOneOf = (condition: string) => `${condition} AND ${namedRun} IN {run_ids:Array(String)}`;

/** The spans of the last traces of each run, the topmost of each trace among them. */
export function firstSpansQuery(
  question: RunQuestion,
  scope: Scope,
  depth: Depth,
): Select<RecordRow> {
  const { sql, params } = inTracesOfRuns(question, scope);
  return {
    sql: firstSpans(nameOneOf(sql), rowLimits[depth]),
    params: { ...params, run_ids: question.runIds },
    settings: rankedLookup,
    decode,
  };
}

/** A trace in which a span or a log record names a run, and its namespace. */
export interface NamedTrace {
  traceId: string;
  namespace: string;
}

// A failed root span without a run id is kept under the id of its trace; that names nothing.
const namedTraces = (condition: string) => `
  ${records('trace_id, namespace', condition)} AND ${isNamingRun} AND run_id != ''
  LIMIT 1 BY trace_id, namespace
  LIMIT 10000`;

/**
 * Of these ids, those of traces in which a span names a run. Undefined where no id can be that of a trace.
 */
export function namedTracesQuery(
  runIds: readonly string[],
  scope: Scope,
): Select<NamedTrace> | undefined {
  const traceIds = traceIdsAmong(runIds);
  if (traceIds.length === 0) return undefined;
  const { sql, params }: Part = inTraces(traceIds, scope);
  return {
    sql: namedTraces(sql),
    params,
    settings: pointLookup,
    decode: (row) => ({ traceId: row.fixedHex(16), namespace: row.string() }),
  };
}

function decode(row: Parameters<Select<RecordRow>['decode']>[0]): RecordRow {
  return readRow(row, recordColumns);
}
