import type { RunStatus } from '@failtrace/contract';
import type { RowPosition, RunFilters } from './candidates.ts';
import { filterCondition, filterParams } from './filters.ts';
import type { RecordKind } from './newest-records.ts';
import { namedRun } from './record-places.ts';

/** The statuses that the topmost span of such a run can have. */
const spanStatuses: Record<RunStatus, readonly string[]> = {
  failed: ['error'],
  ok: ['unset', 'ok'],
  unknown: [],
};

/**
 * The spans that name a run and may be its topmost. Undefined where no run of the wanted statuses has
 * one.
 */
export function candidateSpans(filters: RunFilters): RecordKind<RowPosition> | undefined {
  const statuses = filters.statuses.flatMap((status) => spanStatuses[status]);
  if (statuses.length === 0) return undefined;
  return {
    id: namedRun,
    columns: `${namedRun}, toUnixTimestamp64Nano(at)`,
    decode: (row) => ({ runId: row.string(), endedAt: row.int64() }),
    condition: `names_run AND status IN {statuses:Array(String)} AND ${filterCondition(filters)}`,
    params: { statuses, ...filterParams(filters) },
  };
}
