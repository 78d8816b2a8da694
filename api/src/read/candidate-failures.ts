import { recordSecondSql, tables } from '@failtrace/collector-plugin/schema';
import type { RunStatus } from '@failtrace/contract';
import type { RowPosition, RunFilters } from './candidates.ts';
import { filterCondition, filterParams } from './filters.ts';
import { windowScan } from './limits.ts';
import { secondOf } from './newest-records.ts';
import type { RecordKind } from './newest-records.ts';
import { ownTrace, tracesByTheirIds } from './record-places.ts';
import { scopeCondition, scopeParams } from './scope.ts';
import type { Scope } from './scope.ts';
import type { Select } from './select.ts';

/** What must be known of a run that is listed for its failures alone. */
const handled: Record<RunStatus, readonly boolean[]> = {
  failed: [false],
  ok: [],
  unknown: [true],
};

/**
 * The failures whose span names no run. Undefined where no run of the wanted statuses can be known by such
 * failures alone. What has only just failed is left out, because its root span is most probably still on
 * its way.
 */
export function candidateFailures(filters: RunFilters): RecordKind<RowPosition> | undefined {
  const wanted = filters.statuses.flatMap((status) => handled[status]);
  if (wanted.length === 0) return undefined;
  return {
    id: ownTrace,
    columns: `${ownTrace}, toUnixTimestamp64Nano(at)`,
    decode: (row) => ({ runId: row.string(), endedAt: row.int64() }),
    condition: `at <= now64(9) - INTERVAL 10 SECOND
      AND NOT names_run
      AND run_id = ''
      AND source != 'none'
      AND handled IN {handled:Array(Bool)}
      AND ${filterCondition(filters)}`,
    params: { handled: wanted, ...filterParams(filters) },
  };
}

const hour = 3_600n;

// Around their own time: the span of a run ends after the failures in it. One that ends much later is
// noticed when the run is put together.
const namedAmong = (scope: Scope) => `
  SELECT DISTINCT ${ownTrace}
  FROM ${tables.runRecords}
  WHERE names_run
    AND ${recordSecondSql} >= {first_second:UInt64}
    AND ${recordSecondSql} <= {last_second:UInt64}
    AND trace_id IN (${tracesByTheirIds})
    AND ${scopeCondition(scope)}`;

/** Of the traces of these failures, newest first, those in which a span names a run. */
export function namedAmongQuery(
  failures: readonly RowPosition[],
  scope: Scope,
): Select<string> | undefined {
  const [last, first] = [failures.at(0), failures.at(-1)];
  if (!last || !first) return undefined;
  return {
    sql: namedAmong(scope),
    params: {
      first_second: secondOf(first.endedAt),
      last_second: secondOf(last.endedAt) + hour,
      trace_ids: failures.map(({ runId }) => runId),
      ...scopeParams(scope),
    },
    settings: windowScan,
    decode: (row) => row.string(),
  };
}
