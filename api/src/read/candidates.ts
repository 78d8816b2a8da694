import type { RunStatus } from '@failtrace/contract';
import type { Nanoseconds } from './rows.ts';

/**
 * A place in the list of runs, which is ordered by end, newest first, then by run id, then by namespace,
 * both descending. With the namespace `''` it lies below all runs of its end and its id.
 */
export interface Position {
  endedAt: Nanoseconds;
  runId: string;
  namespace: string;
}

/** What the list may be narrowed down to. An empty `service` or `q` does not narrow. */
export interface RunFilters {
  statuses: readonly RunStatus[];
  service: string;
  /** Exactly this one, which may be the empty one; undefined does not narrow. */
  namespace: string | undefined;
  /** A substring, in any case, of the run id, the error type or the message. */
  q: string;
}

/** A stretch of the list: from a moment, inclusive, up to a place, exclusive. */
export interface Stretch {
  from: Nanoseconds;
  before: Position;
  limit: number;
}

/** The place of a row of the tables: it speaks for all namespaces of its run id. */
export type RowPosition = Omit<Position, 'namespace'>;

/**
 * Rows that speak of runs, newest first, by the moment at which their span ended. Which run stands
 * where is known only when it is put together; but the row that decides over its status, its name
 * and its end is itself among these, so no run of the stretch is missing.
 */
export interface CandidateRows {
  rows: RowPosition[];
  /** Down to here no row is missing; undefined when none of the whole stretch is. */
  floor: RowPosition | undefined;
}

/** The runs that may belong on a stretch of the list. */
export interface Candidates {
  runIds: string[];
  /** Down to here no run is missing. */
  floor: Position;
}

/** Whether a place comes after another one in the list, which runs from new to old. */
export function isBelow(a: Position, b: Position): boolean {
  if (a.endedAt !== b.endedAt) return a.endedAt < b.endedAt;
  const byRunId = compareBytes(a.runId, b.runId);
  return byRunId === 0 ? compareBytes(a.namespace, b.namespace) < 0 : byRunId < 0;
}

/** As ClickHouse compares strings. */
function compareBytes(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}

/** The parameters of {@link belowPlace}. */
export function placeParams({ endedAt, runId, namespace }: Position): Record<string, unknown> {
  return { to: endedAt, to_run_id: runId, to_namespace: namespace };
}

/**
 * SQL for the rows of a stretch's upper end: those below the place. Of the place's own run id the other
 * namespaces may be still to come, unless it is a floor, which lies below all of them.
 */
export function belowPlace(endedAt: string, runId: string): string {
  const end = `fromUnixTimestamp64Nano({to:Int64}, 'UTC')`;
  return `${endedAt} <= ${end} AND (
    ${endedAt} < ${end}
    OR ${runId} < {to_run_id:String}
    OR ({to_namespace:String} != '' AND ${runId} = {to_run_id:String})
  )`;
}

/** Merges rows from several tables, and takes the first few runs. */
export function mergeCandidates(sources: readonly CandidateRows[], stretch: Stretch): Candidates {
  let floor: Position = { endedAt: stretch.from, runId: '', namespace: '' };
  for (const source of sources) {
    const own = source.floor && { ...source.floor, namespace: '' };
    if (own && isBelow(floor, own)) floor = own;
  }
  const runIds = new Set<string>();
  const rows = sources.flatMap((source) => source.rows.map((row) => ({ ...row, namespace: '' })));
  for (const row of rows.toSorted((a, b) => (isBelow(a, b) ? 1 : -1))) {
    if (isBelow(row, floor)) break;
    runIds.add(row.runId);
    if (runIds.size === stretch.limit) return { runIds: [...runIds], floor: row };
  }
  return { runIds: [...runIds], floor };
}
