import { columnNames, readRow, runSpanColumns, tables } from '@failtrace/collector-plugin/schema';
import { anyRowsLimit, pointLookup, rowsOfRunLimit } from './limits.ts';
import type { RowsWanted } from './limits.ts';
import type { RunSpanRow } from './rows.ts';
import { scopeCondition, scopeParams } from './scope.ts';
import type { Scope } from './scope.ts';
import type { Select } from './select.ts';

const names = columnNames(runSpanColumns);

const spansOfRuns = (scope: Scope) => `
  SELECT ${names} FROM ${tables.runSpans}
  WHERE run_id IN {run_ids:Array(String)} AND ${scopeCondition(scope)}`;

const anyOfThem = (scope: Scope) => `${spansOfRuns(scope)} LIMIT ${anyRowsLimit}`;

// The topmost span of a trace is its root or, without one, nearly always the span that ended last. So a
// run of very many spans loses only inner ones, and then its oldest attempts. Each namespace has a share
// of its own: no tenant can push another one's run out by flooding its id.
const topmostFirst = (scope: Scope, limit: number) => `
  SELECT ${names} FROM (
    ${spansOfRuns(scope)}
    ORDER BY parent_span_id, ended_at DESC LIMIT 16 BY run_id, namespace, trace_id
  )
  ORDER BY ended_at DESC LIMIT ${limit} BY run_id, namespace
  LIMIT ${limit * 100}`;

/** The spans that name one of these runs. */
export function runSpansQuery(
  runIds: readonly string[],
  scope: Scope,
  wanted: RowsWanted,
): Select<RunSpanRow> {
  return {
    sql: wanted === 'any' ? anyOfThem(scope) : topmostFirst(scope, rowsOfRunLimit[wanted]),
    params: { run_ids: runIds, ...scopeParams(scope) },
    settings: pointLookup,
    decode: (row) => readRow(row, runSpanColumns),
  };
}
