import { tables } from '@failtrace/collector-plugin/schema';
import type { RunStatus } from '@failtrace/contract';
import { belowPlace, inStretch, rowsAtOnce, stretchParams } from './candidates.ts';
import type { RowOrder, RowPosition, RunFilters, Stretch } from './candidates.ts';
import { filterCondition, filterParams } from './filters.ts';
import { windowScan } from './limits.ts';
import { namedRun } from './record-places.ts';
import { scopeCondition, scopeParams } from './scope.ts';
import type { Scope } from './scope.ts';
import type { Select } from './select.ts';

/** The statuses that the topmost span of such a run can have. */
const spanStatuses: Record<RunStatus, readonly string[]> = {
  failed: ['error'],
  ok: ['unset', 'ok'],
  unknown: [],
};

const sql = (filters: RunFilters, scope: Scope, { condition, orderBy }: RowOrder) => `
  SELECT ${namedRun}, toUnixTimestamp64Nano(at)
  FROM ${tables.runRecords}
  WHERE ${inStretch(belowPlace(namedRun))}
    AND ${condition}
    AND names_run
    AND expires_at > now()
    AND status IN {statuses:Array(String)}
    AND ${filterCondition(filters)}
    AND ${scopeCondition(scope)}
  ORDER BY ${orderBy}
  LIMIT {limit:UInt32}`;

/**
 * The newest spans that name a run and may be its topmost. Undefined where no run of the wanted
 * statuses has one.
 */
export function candidateSpansQuery(
  filters: RunFilters,
  scope: Scope,
  stretch: Stretch,
  order: RowOrder,
): Select<RowPosition> | undefined {
  const statuses = filters.statuses.flatMap((status) => spanStatuses[status]);
  if (statuses.length === 0) return undefined;
  return {
    sql: sql(filters, scope, order),
    params: {
      limit: rowsAtOnce,
      statuses,
      ...stretchParams(stretch),
      ...order.params,
      ...filterParams(filters),
      ...scopeParams(scope),
    },
    settings: windowScan,
    decode: (row) => ({ runId: row.string(), endedAt: row.int64() }),
  };
}
