import { tables } from '@failtrace/collector-plugin/schema';
import { scopeCondition } from './scope.ts';
import type { Scope } from './scope.ts';

/** Which runs are asked for. */
export interface RunQuestion {
  runIds: readonly string[];
  /**
   * The namespace that was picked; undefined for all that the caller may see. It narrows what is read of
   * runs that have too many rows; other runs of the same id may still be among the answer.
   */
  namespace?: string | undefined;
}

/** A run id of this form may be the trace id of a run that has no id of its own. */
const traceIdForm = /^[0-9a-f]{32}$/;

// In scope: what a caller may not see must not be found either, not even to be passed over. How long it
// takes to read would tell a run that is hidden from one that does not exist. And of a namespace that
// was picked: its run has a span of its own in each of its traces, and no others need to be read.
const named = (namespace: string | undefined, scope: Scope) => `
  SELECT trace_id FROM ${tables.runSpans}
  WHERE run_id IN {run_ids:Array(String)} AND ${scopeCondition(scope)}
  ${namespace === undefined ? '' : 'AND namespace = {picked_namespace:String}'}`;

/** A subquery for ids of traces, given as hex in the parameter `trace_ids`. */
export const tracesByTheirIds = `SELECT toFixedString(unhex(arrayJoin({trace_ids:Array(String)})), 16)`;

/** Those of the run ids that may be ids of traces. */
export function traceIdsAmong(runIds: readonly string[]): string[] {
  return runIds.filter((id) => traceIdForm.test(id));
}

/** A subquery, and its parameters besides those of the scope, for the traces that may belong to these runs. */
export function tracesOfRuns(
  { runIds, namespace }: RunQuestion,
  scope: Scope,
): { sql: string; params: Record<string, unknown> } {
  const traceIds = traceIdsAmong(runIds);
  const byRunId = named(namespace, scope);
  return {
    // Most run ids are no trace ids, and the UNION would take as long as the rest of the planning.
    sql: traceIds.length > 0 ? `${byRunId} UNION ALL ${tracesByTheirIds}` : byRunId,
    params: {
      run_ids: runIds,
      trace_ids: traceIds,
      ...(namespace !== undefined && { picked_namespace: namespace }),
    },
  };
}
