import { tables } from '@failtrace/collector-plugin/schema';
import type { RunStatus } from '@failtrace/contract';
import { belowPlace, placeParams } from './candidates.ts';
import type { CandidateRows, RowPosition, RunFilters, Stretch } from './candidates.ts';
import { filterCondition, filterParams, tracesWithText } from './filters.ts';
import { windowScan } from './limits.ts';
import { scopeCondition, scopeParams } from './scope.ts';
import type { Scope } from './scope.ts';
import type { Select } from './select.ts';

/** The statuses that the topmost span of such a run can have. */
const spanStatuses: Record<RunStatus, readonly string[]> = {
  failed: ['error'],
  ok: ['unset', 'ok'],
  unknown: [],
};

// Rows, not groups: ClickHouse finds the newest few of millions in the time of one thin scan.
const sql = (filters: RunFilters, scope: Scope) => `
  SELECT run_id, ended_at
  FROM ${tables.runSpans}
  WHERE ended_at >= fromUnixTimestamp64Nano({from:Int64}, 'UTC')
    AND ${belowPlace('ended_at', 'run_id')}
    AND expires_at > now()
    AND has({statuses:Array(String)}, toString(status))
    AND ${filterCondition(filters)}
    AND ${scopeCondition(scope)}
    AND ${filters.q === '' ? 'true' : containsText(scope)}
  ORDER BY ended_at DESC, run_id DESC
  LIMIT {limit:UInt32}`;

const containsText = (scope: Scope) => `(
  positionCaseInsensitiveUTF8(run_id, {q:String}) > 0
  OR trace_id IN (${tracesWithText(scope, 'true')})
)`;

/**
 * The newest spans that name a run and may be its topmost. Undefined where no run of the wanted
 * statuses has one.
 */
export function candidateSpansQuery(
  filters: RunFilters,
  scope: Scope,
  stretch: Stretch,
): Select<RowPosition> | undefined {
  const statuses = filters.statuses.flatMap((status) => spanStatuses[status]);
  if (statuses.length === 0) return undefined;
  return {
    sql: sql(filters, scope),
    params: {
      from: stretch.from,
      limit: rowsAtOnce,
      statuses,
      ...placeParams(stretch.before),
      ...filterParams(filters),
      ...scopeParams(scope),
    },
    settings: windowScan,
    decode: (row) => ({ runId: row.string(), endedAt: row.int64() }),
  };
}

/** Several spans may name one run, so more rows are read than runs are wanted. */
const rowsAtOnce = 500;

/** Where the rows end at the limit, the last of them is as far as they can be relied on. */
export function toCandidateRows(rows: RowPosition[]): CandidateRows {
  return { rows, floor: rows.length < rowsAtOnce ? undefined : rows.at(-1) };
}
