import { columnNames, failureColumns, readRow, tables } from '@failtrace/collector-plugin/schema';
import { anyRowsLimit, failuresOfTraceLimit, pointLookup, rowsOfRunLimit } from './limits.ts';
import type { RowsWanted } from './limits.ts';
import type { FailureRow } from './rows.ts';
import { scopeCondition, scopeParams } from './scope.ts';
import type { Scope } from './scope.ts';
import type { Select } from './select.ts';
import { tracesOfRuns } from './traces-of-runs.ts';

const failuresOfTraces = (traces: string, scope: Scope) => `
  SELECT ${columnNames(failureColumns)} FROM ${tables.failures}
  WHERE trace_id IN (${traces}) AND ${scopeCondition(scope)}`;

const anyOfThem = `LIMIT ${anyRowsLimit}`;

// Keeps a trace that throws in a loop from filling the memory, and one tenant from pushing out another.
const outcomeFirst = (limit: number) => `
  ORDER BY handled, span_ended_at DESC, occurred_at DESC
  LIMIT ${failuresOfTraceLimit} BY trace_id, namespace
  LIMIT ${limit}`;

/** The failures in the traces of these runs, whichever run each of them belongs to. */
export function failuresQuery(
  runIds: readonly string[],
  scope: Scope,
  wanted: RowsWanted,
): Select<FailureRow> {
  const traces = tracesOfRuns(runIds, scope);
  return {
    sql: `${failuresOfTraces(traces.sql, scope)}
      ${wanted === 'any' ? anyOfThem : outcomeFirst(rowsOfRunLimit[wanted])}`,
    params: { ...traces.params, ...scopeParams(scope) },
    settings: pointLookup,
    decode: (row) => readRow(row, failureColumns),
  };
}
