import { recordSecondSql, tables } from '@failtrace/collector-plugin/schema';
import type { RowBinaryCursor } from '@failtrace/collector-plugin/schema';
import type { RunStatus } from '@failtrace/contract';
import { belowPlace, inStretch, stretchParams } from './candidates.ts';
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

/** Most traces do name their run, so many failures are read to find the few that stand alone. */
const rowsAtOnce = 2000;

// Whether a span names the run of such a trace is looked up for these failures alone, and around
// their own time: the span of a run ends after the failures in it. One that ends much later is noticed
// when the run is put together. What has only just failed is left out, because its root span is most
// probably still on its way.
const sql = (filters: RunFilters, scope: Scope) => `
  WITH newest AS (
    SELECT trace_id, at
    FROM ${tables.runRecords}
    WHERE ${inStretch(belowPlace('lower(hex(trace_id))'))}
      AND at <= now64(9) - INTERVAL 10 SECOND
      AND NOT names_run
      AND run_id = ''
      AND source != 'none'
      AND expires_at > now()
      AND has({handled:Array(Bool)}, handled)
      AND ${filterCondition(filters)}
      AND ${scopeCondition(scope)}
    ORDER BY ${recordSecondSql} DESC, at DESC, trace_id DESC
    LIMIT {limit:UInt32}
  )
  SELECT
    count(),
    toUnixTimestamp64Nano(min(at)),
    lower(hex(argMin(trace_id, (at, trace_id)))),
    groupArrayIf(
      (lower(hex(trace_id)), toUnixTimestamp64Nano(at)),
      trace_id NOT IN (
        SELECT trace_id
        FROM ${tables.runRecords}
        WHERE names_run
          AND ${recordSecondSql} >= (SELECT toUnixTimestamp(min(at)) FROM newest)
          AND ${recordSecondSql} <= (SELECT toUnixTimestamp(max(at)) FROM newest) + 3600
          AND ${scopeCondition(scope)}
      )
    )
  FROM newest`;

/**
 * The newest failures of traces that name no run, and in which no span is known that does: such
 * a trace is a run of its own. Undefined where no run of the wanted statuses can be one.
 */
export function candidateFailuresQuery(
  filters: RunFilters,
  scope: Scope,
  stretch: Stretch,
): Select<CandidateRows> | undefined {
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
    decode,
  };
}

function decode(row: RowBinaryCursor): CandidateRows {
  const count = row.uint64();
  const lowest: RowPosition = { endedAt: row.int64(), runId: row.string() };
  const rows = row.array(() => ({ runId: row.string(), endedAt: row.int64() }));
  return { rows, floor: count < rowsAtOnce ? undefined : lowest };
}
