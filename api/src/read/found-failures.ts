import { recordWordsSql, tables } from '@failtrace/collector-plugin/schema';
import { aboveFloor, floorOf, inStretch, newestFirst, stretchParams } from './candidates.ts';
import type { CandidateRows, RunFilters, Stretch } from './candidates.ts';
import { pointLookup, windowScan } from './limits.ts';
import { inTraces } from './record-places.ts';
import { scopeCondition, scopeParams } from './scope.ts';
import type { Scope } from './scope.ts';
import type { Select } from './select.ts';

/** A failure that has the words of a search. */
export interface FoundFailure {
  traceId: string;
  spanId: string;
  /** The run that its own span names; `''` for none. */
  runId: string;
  at: bigint;
  occurredAt: bigint;
}

/** So many failures at once; a run may have several. */
const rowsAtOnce = 200;

/** A word, as ClickHouse's `splitByNonAlpha` takes it: letters and digits of ASCII, and all beyond. */
const word = /[0-9A-Za-z\u0080-\u{10ffff}]/u;

const sql = (scope: Scope) => `
  SELECT trace_id, span_id, run_id, toUnixTimestamp64Nano(at), occurred_before
  FROM ${tables.runRecords}
  WHERE hasAllTokens(${recordWordsSql}, {q:String})
    AND ${inStretch(aboveFloor)}
    AND source != 'none'
    AND NOT handled
    AND expires_at > now()
    AND ${scopeCondition(scope)}
  ORDER BY ${newestFirst}
  LIMIT {limit:UInt32}`;

/** The newest failures that have all words of `q` in their type or message, in any case and order. */
export function foundFailuresQuery(
  { q, statuses }: RunFilters,
  scope: Scope,
  stretch: Stretch,
): Select<FoundFailure> | undefined {
  // What a record shows, and so what can be searched for, is the failure of a failed run.
  if (!statuses.includes('failed') || !word.test(q)) return undefined;
  return {
    sql: sql(scope),
    params: { q, limit: rowsAtOnce, ...stretchParams(stretch), ...scopeParams(scope) },
    settings: windowScan,
    decode: (row) => {
      const [traceId, spanId, runId] = [row.fixedHex(16), row.fixedHex(8), row.string()];
      const at = row.int64();
      return { traceId, spanId, runId, at, occurredAt: at - row.int64() };
    },
  };
}

/** Which run a trace belongs to. */
export interface RunOfTrace {
  traceId: string;
  /** `''` where the trace names none. */
  runId: string;
}

/** The runs that spans in these traces name. */
export function runsOfTracesQuery(traceIds: readonly string[], scope: Scope): Select<RunOfTrace> {
  const { sql: condition, params } = inTraces(traceIds, scope);
  return {
    sql: `SELECT trace_id, run_id FROM ${tables.runRecords} WHERE ${condition} AND names_run
      LIMIT 1 BY trace_id, run_id LIMIT 2000`,
    params,
    settings: pointLookup,
    decode: (row) => ({ traceId: row.fixedHex(16), runId: row.string() }),
  };
}

/** The same failures as candidates for the list, each under the run that it belongs to. */
export function asCandidateRows(
  failures: readonly FoundFailure[],
  runs: readonly RunOfTrace[],
): CandidateRows {
  const byTrace = Map.groupBy(runs, ({ traceId }) => traceId);
  const rows = failures.flatMap(({ traceId, runId, at }) => {
    const named = (byTrace.get(traceId) ?? []).map((run) => run.runId || traceId);
    const runIds = runId ? [runId] : named.length > 0 ? named : [traceId];
    return runIds.map((id) => ({ runId: id, endedAt: at }));
  });
  return { rows, floor: failures.length < rowsAtOnce ? undefined : floorOf(rows) };
}
