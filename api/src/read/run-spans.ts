import { columnNames, readRow, runSpanColumns, tables } from '@failtrace/collector-plugin/schema';
import { anyRowsLimit, pointLookup, rankedLookup, rowLimits, spansOfTrace } from './limits.ts';
import type { Depth, RowLimits } from './limits.ts';
import type { RunSpanRow } from './rows.ts';
import { scopeCondition, scopeParams } from './scope.ts';
import type { Scope } from './scope.ts';
import type { Select } from './select.ts';
import { tracesOfRuns } from './traces-of-runs.ts';
import type { RunQuestion } from './traces-of-runs.ts';

/** Of a namespace that was picked, all spans of its traces: those of others may stand above its own. */
const spansOfRuns = (columns: string, question: RunQuestion, scope: Scope) => `
  SELECT ${columns} FROM ${tables.runSpans}
  WHERE run_id IN {run_ids:Array(String)} AND ${scopeCondition(scope)}
  ${question.namespace === undefined ? '' : `AND trace_id IN (${tracesOfRuns(question, scope).sql})`}`;

const names = columnNames(runSpanColumns);

/** The spans that name one of these runs, as many of them as any will do. */
export function anyRunSpansQuery(runIds: readonly string[], scope: Scope): Select<RunSpanRow> {
  const question = { runIds };
  return {
    ...select(question, scope),
    sql: `${spansOfRuns(names, question, scope)} LIMIT ${anyRowsLimit}`,
    settings: pointLookup,
  };
}

/** What a span is told apart by. One that was delivered thousands of times takes the room of one. */
const key = 'run_id, namespace, trace_id, span_id';

// Sorted by narrow columns alone: the labels of a span may have some kilobytes, and there may be very
// many. The topmost is the root or else the span that started first (reconstruct/topmost.ts).
// GLOBAL: in a cluster these are the last of all shards together, and not the last of each.
const firstSpans = (question: RunQuestion, scope: Scope, { tracesOfRun, rows }: RowLimits) => `
  ${spansOfRuns(names, question, scope)} AND (${key}) GLOBAL IN (
    SELECT ${key} FROM (
      ${spansOfRuns('run_id, namespace, trace_id, span_id, ended_at', question, scope)}
      ORDER BY parent_span_id != toFixedString('', 8), started_at, span_id
      LIMIT ${spansOfTrace} BY run_id, namespace, trace_id
    )
    ORDER BY ended_at DESC
    LIMIT ${tracesOfRun * spansOfTrace} BY run_id, namespace
  )
  LIMIT 1 BY ${key}
  LIMIT ${rows}`;

/** The spans of the last traces of each run, the topmost of each trace among them. */
export function firstRunSpansQuery(
  question: RunQuestion,
  scope: Scope,
  depth: Depth,
): Select<RunSpanRow> {
  return {
    ...select(question, scope),
    sql: firstSpans(question, scope, rowLimits[depth]),
    settings: rankedLookup,
  };
}

function select(
  question: RunQuestion,
  scope: Scope,
): Pick<Select<RunSpanRow>, 'params' | 'decode'> {
  return {
    params: { ...tracesOfRuns(question, scope).params, ...scopeParams(scope) },
    decode: (row) => readRow(row, runSpanColumns),
  };
}
