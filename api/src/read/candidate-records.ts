import { recordSecondSql, tables } from '@failtrace/collector-plugin/schema';
import type { RunStatus } from '@failtrace/contract';
import type { RowPosition, RunFilters } from './candidates.ts';
import { filterCondition, filterParams } from './filters.ts';
import { windowScan } from './limits.ts';
import { secondOf } from './newest-records.ts';
import type { RecordKind } from './newest-records.ts';
import { isNamingRun, namedRun, ownTrace, tracesByTheirIds } from './record-places.ts';
import { scopeCondition, scopeParams } from './scope.ts';
import type { Scope } from './scope.ts';
import type { Select } from './select.ts';

/** A record that speaks of a run: under the id that its span names, or else under that of its trace. */
export interface CandidateRecord extends RowPosition {
  traceId: string;
  /** Whether it names the run: a log record itself, else its span, if only as the root of its trace. */
  namesRun: boolean;
}

/** How a run of a status shows in its records. */
interface Signs {
  /** Of its topmost span. */
  spanStatuses: readonly string[];
  /** Of its failures, where no span names it. */
  handled: readonly boolean[];
}

const signs: Record<RunStatus, Signs> = {
  failed: { spanStatuses: ['error'], handled: [false] },
  ok: { spanStatuses: ['unset', 'ok'], handled: [] },
  unknown: { spanStatuses: [], handled: [true] },
};

/**
 * The spans that name a run and may be its topmost, and the failures whose span names none. Of these,
 * what has only just failed is left out, because its root span is most probably still on its way.
 */
export function candidateRecords(filters: RunFilters): RecordKind<CandidateRecord> {
  const wanted = filters.statuses.map((status) => signs[status]);
  return {
    id: namedRun,
    columns: `${namedRun}, toUnixTimestamp64Nano(at), trace_id, names_run OR run_id != ''`,
    decode: (row) => ({
      runId: row.string(),
      endedAt: row.int64(),
      traceId: row.fixedHex(16),
      namesRun: row.uint8() === 1,
    }),
    condition: `(
        (names_run AND status IN {statuses:Array(String)})
        OR (
          NOT names_run
          AND (run_id = '' OR source = 'log_record')
          AND source != 'none'
          AND handled IN {handled:Array(Bool)}
          AND at <= now64(9) - INTERVAL 10 SECOND
        )
      )
      AND ${filterCondition(filters)}`,
    params: {
      statuses: wanted.flatMap(({ spanStatuses }) => spanStatuses),
      handled: wanted.flatMap(({ handled }) => handled),
      ...filterParams(filters),
    },
    settings: windowScan,
  };
}

/** Those that speak of a run as far as these records tell: not the failures of a trace that names one. */
export function withoutNamed(
  records: readonly CandidateRecord[],
  namedTraces: ReadonlySet<string>,
): CandidateRecord[] {
  return records.filter(({ traceId, namesRun }) => namesRun || !namedTraces.has(traceId));
}

const hour = 3_600n;

// Around their own time: the span of a run ends after the failures in it. One that ends much later is
// noticed when the run is put together.
const namedAmong = (scope: Scope) => `
  SELECT DISTINCT ${ownTrace}
  FROM ${tables.runRecords}
  WHERE ${isNamingRun}
    AND ${recordSecondSql} >= {first_second:UInt64}
    AND ${recordSecondSql} <= {last_second:UInt64}
    AND trace_id IN (${tracesByTheirIds})
    AND ${scopeCondition(scope)}`;

/** Of the traces of these failures, newest first, those in which a span names a run. */
export function namedAmongQuery(
  failures: readonly CandidateRecord[],
  scope: Scope,
): Select<string> | undefined {
  const [last, first] = [failures.at(0), failures.at(-1)];
  if (!last || !first) return undefined;
  return {
    sql: namedAmong(scope),
    params: {
      first_second: secondOf(first.endedAt),
      last_second: secondOf(last.endedAt) + hour,
      trace_ids: failures.map(({ traceId }) => traceId),
      ...scopeParams(scope),
    },
    settings: windowScan,
    decode: (row) => row.string(),
  };
}
