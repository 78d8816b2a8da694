import { tables } from '@failtrace/collector-plugin/schema';
import { scopeCondition } from './scope.ts';
import type { Scope } from './scope.ts';

/** A run id of this form may be the trace id of a run that has no id of its own. */
const traceIdForm = /^[0-9a-f]{32}$/;

// In scope: what a caller may not see must not be found either, not even to be passed over. How long it
// takes to read would tell a run that is hidden from one that does not exist.
const named = (scope: Scope) => `
  SELECT trace_id FROM ${tables.runSpans}
  WHERE run_id IN {run_ids:Array(String)} AND ${scopeCondition(scope)}`;

/** A subquery for ids of traces, given as hex in the parameter `trace_ids`. */
export const tracesByTheirIds = `SELECT toFixedString(unhex(arrayJoin({trace_ids:Array(String)})), 16)`;

/** Those of the run ids that may be ids of traces. */
export function traceIdsAmong(runIds: readonly string[]): string[] {
  return runIds.filter((id) => traceIdForm.test(id));
}

/** A subquery, and its parameters besides those of the scope, for the traces that may belong to these runs. */
export function tracesOfRuns(
  runIds: readonly string[],
  scope: Scope,
): { sql: string; params: Record<string, unknown> } {
  const traceIds = traceIdsAmong(runIds);
  // Most run ids are no trace ids, and the UNION would take as long as the rest of the planning.
  const sql = traceIds.length > 0 ? `${named(scope)} UNION ALL ${tracesByTheirIds}` : named(scope);
  return { sql, params: { run_ids: runIds, trace_ids: traceIds } };
}
