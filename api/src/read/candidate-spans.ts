import { tables } from '@failtrace/collector-plugin/schema';
import type { CandidateRows, Position, RunFilters, RunStatus, Stretch } from './candidates.ts';
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
const sql = (scope: Scope, textCondition: string) => `
  SELECT run_id, ended_at
  FROM ${tables.runSpans}
  WHERE ended_at >= fromUnixTimestamp64Nano({from:Int64}, 'UTC')
    AND ended_at <= fromUnixTimestamp64Nano({to:Int64}, 'UTC')
    AND (ended_at < fromUnixTimestamp64Nano({to:Int64}, 'UTC') OR run_id < {to_run_id:String})
    AND expires_at > now()
    AND has({statuses:Array(String)}, toString(status))
    AND ({service:String} = '' OR service = {service:String})
    AND ({namespace:String} = '' OR namespace = {namespace:String})
    AND ${scopeCondition(scope)}
    AND ${textCondition}
  ORDER BY ended_at DESC, run_id DESC
  LIMIT {limit:UInt32}`;

// A failure counts for the search when it is up to a day older than what it may have failed.
const containsText = `(
  positionCaseInsensitiveUTF8(run_id, {q:String}) > 0
  OR positionCaseInsensitiveUTF8(status_message, {q:String}) > 0
  OR trace_id IN (
    SELECT trace_id
    FROM ${tables.failures}
    WHERE occurred_at >= fromUnixTimestamp64Nano({from:Int64}, 'UTC') - INTERVAL 1 DAY
      AND (
        positionCaseInsensitiveUTF8(error_type, {q:String}) > 0
        OR positionCaseInsensitiveUTF8(error_message, {q:String}) > 0
      )
  )
)`;

/**
 * The newest spans that name a run and may be its topmost. Undefined where no run of the wanted
 * statuses has one.
 */
export function candidateSpansQuery(
  filters: RunFilters,
  scope: Scope,
  stretch: Stretch,
): Select<Position> | undefined {
  const statuses = filters.statuses.flatMap((status) => spanStatuses[status]);
  if (statuses.length === 0) return undefined;
  return {
    sql: sql(scope, filters.q === '' ? 'true' : containsText),
    params: {
      from: stretch.from,
      to: stretch.before.endedAt,
      to_run_id: stretch.before.runId,
      limit: rowsAtOnce,
      service: filters.service,
      namespace: filters.namespace,
      q: filters.q,
      statuses,
      ...scopeParams(scope),
    },
    settings: windowScan,
    decode: (row) => ({ runId: row.string(), endedAt: row.int64() }),
  };
}

/** Several spans may name one run, so more rows are read than runs are wanted. */
const rowsAtOnce = 500;

/** Where the rows end at the limit, the last of them is as far as they can be relied on. */
export function toCandidateRows(rows: Position[]): CandidateRows {
  return { rows, floor: rows.length < rowsAtOnce ? undefined : rows.at(-1) };
}
