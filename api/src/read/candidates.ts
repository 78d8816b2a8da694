import type { Nanoseconds } from './rows.ts';

/** A place in the list of runs, which is ordered by end, newest first, and then by run id. */
export interface Position {
  endedAt: Nanoseconds;
  runId: string;
}

export type RunStatus = 'failed' | 'ok' | 'unknown';

/** What the list may be narrowed down to. Empty strings do not narrow. */
export interface RunFilters {
  statuses: readonly RunStatus[];
  service: string;
  namespace: string;
  /** A substring, in any case, of the run id, the error type or the message. */
  q: string;
}

/** A stretch of the list: from a moment, inclusive, up to a place, exclusive. */
export interface Stretch {
  from: Nanoseconds;
  before: Position;
  limit: number;
}

/**
 * Rows that speak of runs, newest first, by the moment at which their span ended. Which run stands
 * where is known only when it is put together; but the row that decides over its status, its name
 * and its end is itself among these, so no run of the stretch is missing.
 */
export interface CandidateRows {
  rows: Position[];
  /** Down to here no row is missing; undefined when none of the whole stretch is. */
  floor: Position | undefined;
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
  // ClickHouse compares strings by their bytes.
  return Buffer.compare(Buffer.from(a.runId), Buffer.from(b.runId)) < 0;
}

/** Merges rows from several tables, and takes the first few runs. */
export function mergeCandidates(sources: readonly CandidateRows[], stretch: Stretch): Candidates {
  let floor: Position = { endedAt: stretch.from, runId: '' };
  for (const source of sources) {
    if (source.floor && isBelow(floor, source.floor)) floor = source.floor;
  }
  const runIds = new Set<string>();
  const rows = sources.flatMap((source) => source.rows);
  for (const row of rows.toSorted((a, b) => (isBelow(a, b) ? 1 : -1))) {
    if (isBelow(row, floor)) break;
    runIds.add(row.runId);
    if (runIds.size === stretch.limit) return { runIds: [...runIds], floor: row };
  }
  return { runIds: [...runIds], floor };
}
