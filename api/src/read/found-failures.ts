import { recordWordsSql, tables } from '@failtrace/collector-plugin/schema';
import { NAMED_MESSAGE_BYTES } from './candidates.ts';
import type { RowPosition, RunFilters } from './candidates.ts';
import { pointLookup, windowScan } from './limits.ts';
import type { RecordKind } from './newest-records.ts';
import { inTraces, isNamingRun, ownTrace } from './record-places.ts';
import type { Scope } from './scope.ts';
import type { Select } from './select.ts';

/** A failure that has the words of a search. In a search it stands in the list under its trace. */
export interface FoundFailure extends RowPosition {
  traceId: string;
  spanId: string;
  occurredAt: bigint;
  errorType: string;
  textHash: string;
  /** Its beginning. */
  message: Uint8Array;
}

/** A word, as ClickHouse's `splitByNonAlpha` takes it: letters and digits of ASCII, and all beyond. */
const word = /[0-9A-Za-z\u0080-\u{10ffff}]/u;

/** The failures that have all words of `q` in their type or message, in any case and order. */
export function foundFailures({ q, statuses }: RunFilters): RecordKind<FoundFailure> | undefined {
  // What a record shows, and so what can be searched for, is the failure of a failed run.
  if (!statuses.includes('failed') || !word.test(q)) return undefined;
  return {
    id: ownTrace,
    columns: `trace_id, span_id, toUnixTimestamp64Nano(at), occurred_before, error_type, text_hash,
      substring(error_message, 1, ${NAMED_MESSAGE_BYTES})`,
    decode: (row) => {
      const [traceId, spanId, at] = [row.fixedHex(16), row.fixedHex(8), row.int64()];
      return {
        traceId,
        spanId,
        runId: traceId,
        endedAt: at,
        occurredAt: at - row.int64(),
        errorType: row.string(),
        textHash: row.fixedHex(16),
        message: row.bytes(),
      };
    },
    condition: `hasAllTokens(${recordWordsSql}, {q:String}) AND source != 'none' AND NOT handled`,
    params: { q },
    settings: windowScan,
  };
}

/** Which run a trace belongs to. */
export interface RunOfTrace {
  traceId: string;
  /** `''` where the trace names none. */
  runId: string;
}

/** Of a trace that names more runs than these, each in its namespace, the others are not found by words. */
const runsOfTrace = 20;

/** The runs that spans and log records in these traces name. Each trace has a share of its own. */
export function runsOfTracesQuery(traceIds: readonly string[], scope: Scope): Select<RunOfTrace> {
  const { sql: condition, params } = inTraces(traceIds, scope);
  return {
    sql: `SELECT trace_id, run_id FROM (
        SELECT DISTINCT trace_id, namespace, run_id FROM ${tables.runRecords}
        WHERE ${condition} AND ${isNamingRun}
      )
      LIMIT ${runsOfTrace} BY trace_id, namespace`,
    params,
    settings: pointLookup,
    decode: (row) => ({ traceId: row.fixedHex(16), runId: row.string() }),
  };
}

/** The ids of the runs that these traces belong to; a trace that names none is one of its own. */
export function runIdsOf(traceIds: readonly string[], runs: readonly RunOfTrace[]): string[] {
  const byTrace = Map.groupBy(runs, ({ traceId }) => traceId);
  return [
    ...new Set(
      traceIds.flatMap((traceId) => {
        const named = (byTrace.get(traceId) ?? []).map(({ runId }) => runId || traceId);
        return named.length > 0 ? named : [traceId];
      }),
    ),
  ];
}
