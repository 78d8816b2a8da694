import { tables } from '@failtrace/collector-plugin/schema';
import { pointLookup } from './limits.ts';
import { scopeCondition, scopeParams } from './scope.ts';
import type { Scope } from './scope.ts';
import type { Select } from './select.ts';
import { traceIdsAmong, tracesByTheirIds } from './traces-of-runs.ts';

// A failed root span without a run id is kept under the id of its trace; that names nothing.
const sql = (scope: Scope) => `
  SELECT trace_id, namespace FROM ${tables.runSpans}
  WHERE trace_id IN (${tracesByTheirIds})
    AND run_id != lower(hex(trace_id))
    AND ${scopeCondition(scope)}
  LIMIT 1 BY trace_id, namespace
  LIMIT 10000`;

/** A trace in which a span names a run, and the namespace of that span. */
export interface NamedTrace {
  traceId: string;
  namespace: string;
}

/**
 * Of these ids, those of traces in which a span names a run. Undefined where no id can be that of a trace.
 */
export function namedTracesQuery(
  runIds: readonly string[],
  scope: Scope,
): Select<NamedTrace> | undefined {
  const traceIds = traceIdsAmong(runIds);
  if (traceIds.length === 0) return undefined;
  return {
    sql: sql(scope),
    params: { trace_ids: traceIds, ...scopeParams(scope) },
    settings: pointLookup,
    decode: (row) => ({ traceId: row.fixedHex(16), namespace: row.string() }),
  };
}
