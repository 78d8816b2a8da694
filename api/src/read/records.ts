import { columnNames, readRow, recordColumns, tables } from '@failtrace/collector-plugin/schema';
import { anyRowsLimit, pointLookup, rankedLookup, rowLimits, spansOfTrace } from './limits.ts';
import type { Depth, RowLimits } from './limits.ts';
import { inTraces, inTracesOfRuns, namedRun, traceIdsAmong } from './record-places.ts';
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

/** What a failure is told apart by, without its texts: what is long of it as a hash. */
const failureKey = 'trace_id, span_id, at, occurred_before, namespace, message_bytes, message_hash';
const textKey = 'cityHash64(error_type, text_hash, template_form, cuts)';

// Sorted by narrow columns alone, before any message is read: a trace that throws in a loop may have
// hundreds of thousands. What was delivered twice counts once, or it would take the room of the rest.
// GLOBAL: in a cluster these are the first of all shards together, and not the first of each.
const firstFailures = (condition: string, limits: RowLimits) => `
  ${records(names, condition)} AND source != 'none' AND (${failureKey}, ${textKey}) GLOBAL IN (
    SELECT ${failureKey}, text_key FROM (
      ${records(`DISTINCT ${failureKey}, ${textKey} AS text_key, handled, names_run, ended_before`, condition)} AND source != 'none'
      ORDER BY handled, names_run DESC, at - toIntervalNanosecond(ended_before) DESC, at - toIntervalNanosecond(occurred_before) DESC
      LIMIT ${limits.failuresOfTrace} BY trace_id, namespace
    )
    ORDER BY handled, names_run DESC, at - toIntervalNanosecond(ended_before) DESC, at - toIntervalNanosecond(occurred_before) DESC
    LIMIT ${limits.failuresOfNamespace} BY namespace
  )
  LIMIT 1 BY ${failureKey}, ${textKey}
  LIMIT ${limits.rows}`;

/**
 * Those failures that matter most: not handled before handled, those of the span that is the run before
 * those below it, the last before the first.
 */
export function firstFailuresQuery(
  question: RunQuestion,
  scope: Scope,
  depth: Depth,
): Select<RecordRow> {
  const { sql, params } = inTracesOfRuns(question, scope);
  return { sql: firstFailures(sql, rowLimits[depth]), params, settings: rankedLookup, decode };
}

/** What a span is told apart by. One that was delivered thousands of times takes the room of one. */
const spanKey = 'run_id, namespace, trace_id, span_id';

// Sorted by narrow columns alone: the labels of a span may have some kilobytes, and there may be very
// many. The topmost is the root or else the span that started first (reconstruct/topmost.ts).
const firstSpans = (condition: string, { tracesOfRun, rows }: RowLimits) => `
  ${records(names, condition)} AND names_run AND (${spanKey}) GLOBAL IN (
    SELECT ${spanKey} FROM (
      ${records(`${spanKey}, at - toIntervalNanosecond(ended_before) AS ended_at`, condition)} AND names_run
      ORDER BY parent_span_id != toFixedString('', 8), at - toIntervalNanosecond(started_before), span_id
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

/** A trace in which a span names a run, and the namespace of that span. */
export interface NamedTrace {
  traceId: string;
  namespace: string;
}

// A failed root span without a run id is kept under the id of its trace; that names nothing.
const namedTraces = (condition: string) => `
  ${records('trace_id, namespace', condition)} AND names_run AND run_id != ''
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
