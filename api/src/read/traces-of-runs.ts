import { tables } from '@failtrace/collector-plugin/schema';

/** A run id of this form may be the trace id of a run that has no id of its own. */
const traceIdForm = /^[0-9a-f]{32}$/;

const named = `SELECT trace_id FROM ${tables.runSpans} WHERE run_id IN {run_ids:Array(String)}`;

const byTraceId = `SELECT toFixedString(unhex(arrayJoin({trace_ids:Array(String)})), 16)`;

/** A subquery, and its parameters, for the traces that may belong to these runs. */
export function tracesOfRuns(runIds: readonly string[]): {
  sql: string;
  params: Record<string, unknown>;
} {
  const traceIds = runIds.filter((id) => traceIdForm.test(id));
  // Most run ids are no trace ids, and the UNION would take as long as the rest of the planning.
  const sql = traceIds.length > 0 ? `${named} UNION ALL ${byTraceId}` : named;
  return { sql, params: { run_ids: runIds, trace_ids: traceIds } };
}
