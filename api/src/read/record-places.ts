import {
  recordSecondSql,
  runKey,
  tables,
  traceKey,
  traceKeySql,
} from '@failtrace/collector-plugin/schema';
import { scopeCondition, scopeParams } from './scope.ts';
import type { Scope } from './scope.ts';

/** SQL for the id of a trace, as it names a run of its own. */
export const ownTrace = 'lower(hex(trace_id))';

/** SQL for the run that a span names; one that names none stands for its trace. */
export const namedRun = `if(run_id = '', ${ownTrace}, run_id)`;

/** SQL for whether a record names a run: a span does, or a log record that carries a run id, which knows no span. */
export const isNamingRun = `(names_run OR (source = 'log_record' AND run_id != ''))`;

/** Which runs are asked for. */
export interface RunQuestion {
  runIds: readonly string[];
  /**
   * The namespace that was picked; undefined for all that the caller may see. It narrows what is read of
   * runs that have too many rows; other runs of the same id may still be among the answer.
   */
  namespace?: string | undefined;
  /** Traces, as hex, of which is known that they belong to the runs. The others are found through the keys. */
  traceIds?: readonly string[] | undefined;
}

/** A part of a query, and the parameters that it names. */
export interface Part {
  sql: string;
  params: Record<string, unknown>;
}

/** A run id of this form may be the trace id of a run that has no id of its own. */
const traceIdForm = /^[0-9a-f]{32}$/;

/** Those of the run ids that may be ids of traces. */
export function traceIdsAmong(runIds: readonly string[]): string[] {
  return runIds.filter((id) => traceIdForm.test(id));
}

/** Of traces, by their ids as hex. */
function traceKeys(traceIds: readonly string[]): number[] {
  return traceIds.map((id) => traceKey(Buffer.from(id, 'hex')));
}

// In scope: what a caller may not see must not be found either, not even to be passed over. How long it
// takes to read would tell a run that is hidden from one that does not exist. And of a namespace that
// was picked: its run has a span of its own in each of its traces, and no others need to be read.
const tracesOfRuns = (namespace: string | undefined, scope: Scope, apart: boolean) => `
  SELECT trace_key FROM ${tables.recordKeys}
  WHERE key IN {run_keys:Array(UInt32)} AND trace_key != 0 AND ${scopeCondition(scope)}
  ${apart ? 'AND trace_key NOT IN {keys_apart:Array(UInt32)}' : ''}
  ${namespace === undefined ? '' : 'AND namespace = {picked_namespace:String}'}`;

/** A subquery for ids of traces, given as hex in the parameter `trace_ids`. */
export const tracesByTheirIds = `SELECT toFixedString(unhex(arrayJoin({trace_ids:Array(String)})), 16)`;

const tracesByTheirKeys = 'SELECT arrayJoin({trace_keys:Array(UInt32)})';

const places = (traces: string, scope: Scope) => `
  (${recordSecondSql}, ${traceKeySql}) IN (
    SELECT second, key FROM ${tables.recordKeys}
    WHERE key IN (${traces}) AND ${scopeCondition(scope)}
  ) AND ${scopeCondition(scope)}`;

/**
 * The condition for the records of all traces that may belong to these runs, without those traces that
 * are asked for apart. Two traces may share a key, so there may be records of others among them.
 */
export function inTracesOfRuns(
  { runIds, namespace }: RunQuestion,
  scope: Scope,
  apart: readonly string[] = [],
): Part {
  const known = new Set(apart);
  const traceIds = traceIdsAmong(runIds).filter((id) => !known.has(id));
  const named = tracesOfRuns(namespace, scope, apart.length > 0);
  return {
    // Most run ids are no trace ids, and the UNION would take as long as the rest of the planning.
    sql: places(traceIds.length > 0 ? `${named} UNION ALL ${tracesByTheirKeys}` : named, scope),
    params: {
      run_keys: runIds.map(runKey),
      trace_keys: traceKeys(traceIds),
      ...(apart.length > 0 && { keys_apart: traceKeys(apart) }),
      ...(namespace !== undefined && { picked_namespace: namespace }),
      ...scopeParams(scope),
    },
  };
}

/** The condition for the records of these traces, by their ids as hex; of others too, as above. */
export function inTraces(traceIds: readonly string[], scope: Scope): Part {
  return {
    sql: places(tracesByTheirKeys, scope),
    params: { trace_keys: traceKeys(traceIds), ...scopeParams(scope) },
  };
}
