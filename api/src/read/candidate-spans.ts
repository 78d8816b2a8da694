import { tables } from '@failtrace/collector-plugin/schema';
import type { RunStatus } from '@failtrace/contract';
import { belowPlace, floorOf, inStretch, newestFirst, stretchParams } from './candidates.ts';
import type { CandidateRows, RowPosition, RunFilters, Stretch } from './candidates.ts';
import { filterCondition, filterParams } from './filters.ts';
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

/** Several spans may name one run, so more rows are read than runs are wanted. */
const rowsAtOnce = 200;

/** The run that a span names; one that names none stands for its trace. */
const namedRun = `if(run_id = '', lower(hex(trace_id)), run_id)`;

const sql = (filters: RunFilters, scope: Scope) => `
  SELECT ${namedRun}, toUnixTimestamp64Nano(at)
  FROM ${tables.runRecords}
  WHERE ${inStretch(belowPlace(namedRun))}
    AND names_run
    AND expires_at > now()
    AND status IN {statuses:Array(String)}
    AND ${filterCondition(filters)}
    AND ${scopeCondition(scope)}
  ORDER BY ${newestFirst}
  LIMIT {limit:UInt32}`;

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
      limit: rowsAtOnce,
      statuses,
      ...stretchParams(stretch),
      ...filterParams(filters),
      ...scopeParams(scope),
    },
    settings: windowScan,
    decode: (row) => ({ runId: row.string(), endedAt: row.int64() }),
  };
}

/** Where the rows end at the limit, the last of them is as far as they can be relied on. */
export function toCandidateRows(rows: RowPosition[]): CandidateRows {
  return { rows, floor: rows.length < rowsAtOnce ? undefined : floorOf(rows) };
}
