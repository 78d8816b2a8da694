import { recordSecondSql, tables } from '@failtrace/collector-plugin/schema';
import type { RunStatus } from '@failtrace/contract';
import { belowPlace, floorOf, inStretch, newestFirst, stretchParams } from './candidates.ts';
import type { CandidateRows, RowPosition, RunFilters, Stretch } from './candidates.ts';
import { filterCondition, filterParams } from './filters.ts';
import { windowScan } from './limits.ts';
import { scopeCondition, scopeParams } from './scope.ts';
import type { Scope } from './scope.ts';
import type { Select } from './select.ts';

/** What must be known of a run that is listed for its failures alone. */
const handled: Record<RunStatus, readonly boolean[]> = {
  failed: [false],
  ok: [],
  unknown: [true],
};

/** Most traces do name their run, so more failures are read than there will be runs. */
const rowsAtOnce = 200;

// What has only just failed is left out, because its root span is most probably still on its way.
const sql = (filters: RunFilters, scope: Scope) => `
  SELECT lower(hex(trace_id)), toUnixTimestamp64Nano(at)
  FROM ${tables.runRecords}
  WHERE ${inStretch(belowPlace('lower(hex(trace_id))'))}
    AND at <= now64(9) - INTERVAL 10 SECOND
    AND NOT names_run
    AND run_id = ''
    AND source != 'none'
    AND expires_at > now()
    AND handled IN {handled:Array(Bool)}
    AND ${filterCondition(filters)}
    AND ${scopeCondition(scope)}
  ORDER BY ${newestFirst}
  LIMIT {limit:UInt32}`;

/**
 * The newest failures whose span names no run. Undefined where no run of the wanted statuses can be known
 * by such failures alone.
 */
export function candidateFailuresQuery(
  filters: RunFilters,
  scope: Scope,
  stretch: Stretch,
): Select<RowPosition> | undefined {
  const wanted = filters.statuses.flatMap((status) => handled[status]);
  if (wanted.length === 0) return undefined;
  return {
    sql: sql(filters, scope),
    params: {
      limit: rowsAtOnce,
      handled: wanted,
      ...stretchParams(stretch),
      ...filterParams(filters),
      ...scopeParams(scope),
    },
    settings: windowScan,
    decode: (row) => ({ runId: row.string(), endedAt: row.int64() }),
  };
}

const second = 1_000_000_000n;
const hour = 3_600n;

// Around their own time: the span of a run ends after the failures in it. One that ends much later is
// noticed when the run is put together.
const namedAmong = (scope: Scope) => `
  SELECT DISTINCT lower(hex(trace_id))
  FROM ${tables.runRecords}
  WHERE names_run
    AND ${recordSecondSql} >= {first_second:UInt64}
    AND ${recordSecondSql} <= {last_second:UInt64}
    AND lower(hex(trace_id)) IN {trace_ids:Array(String)}
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
      first_second: first.endedAt / second,
      last_second: last.endedAt / second + hour,
      trace_ids: failures.map(({ runId }) => runId),
      ...scopeParams(scope),
    },
    settings: windowScan,
    decode: (row) => row.string(),
  };
}

/** Those failures whose trace is a run of its own, as far as is known. */
export function toCandidateFailures(
  rows: readonly RowPosition[],
  named: ReadonlySet<string>,
): CandidateRows {
  return {
    rows: rows.filter(({ runId }) => !named.has(runId)),
    floor: rows.length < rowsAtOnce ? undefined : floorOf(rows),
  };
}
