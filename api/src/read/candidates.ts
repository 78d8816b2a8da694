import { recordSecondSql } from '@failtrace/collector-plugin/schema';
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
  /** Words of the error type or the message that is shown, in any case; or a whole run id. */
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
  /** Those failures that have the words of the search, by {@link failureName}; undefined without one. */
  found?: ReadonlySet<string> | undefined;
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

const nanoseconds = 1_000_000_000n;

/** The parameters of {@link inStretch}. */
export function stretchParams({ from, before }: Stretch): Record<string, unknown> {
  return {
    from,
    from_second: from / nanoseconds,
    to: before.endedAt,
    to_second: before.endedAt / nanoseconds,
    to_run_id: before.runId,
    to_namespace: before.namespace,
  };
}

/**
 * SQL for the rows of a stretch. The seconds say the same as the moments, in the words of the table's
 * order.
 *
 * @param atItsEnd which rows of the very moment at its upper end belong to it
 */
export function inStretch(atItsEnd: string): string {
  const end = `fromUnixTimestamp64Nano({to:Int64}, 'UTC')`;
  return `${recordSecondSql} >= {from_second:UInt64} AND ${recordSecondSql} <= {to_second:UInt64}
    AND at >= fromUnixTimestamp64Nano({from:Int64}, 'UTC')
    AND at <= ${end} AND (at < ${end} OR ${atItsEnd})`;
}

/**
 * SQL for the rows of the moment at a stretch's upper end that are below its place. Of that place's own
 * run id the other namespaces may be still to come, unless it is a floor, which lies below all of them.
 */
export function belowPlace(runId: string): string {
  return `${runId} < {to_run_id:String}
    OR ({to_namespace:String} != '' AND ${runId} = {to_run_id:String})`;
}

/** SQL for all rows of the moment at a stretch's upper end, unless it is a floor, which lies below them. */
export const aboveFloor = `{to_run_id:String} != ''`;

/** The order of the table, from its end: only then are the first rows read and no others. */
export const newestFirst = `${recordSecondSql} DESC, at DESC, run_id DESC, trace_id DESC`;

/**
 * How far rows can be relied on that end at their limit: above all that share the moment of the last, so
 * that none of those is passed over; but where all of them do, the list has to go on.
 */
export function floorOf(rows: readonly RowPosition[]): RowPosition | undefined {
  const [first, last] = [rows.at(0), rows.at(-1)];
  if (!first || !last) return undefined;
  return first.endedAt === last.endedAt ? last : { endedAt: last.endedAt + 1n, runId: '' };
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

/** What a failure is told apart by, in a list. */
export function failureName(failure: {
  traceId: string;
  spanId: string;
  occurredAt: Nanoseconds;
}): string {
  return `${failure.traceId} ${failure.spanId} ${failure.occurredAt}`;
}
