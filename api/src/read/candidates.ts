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

/** Which rows of a stretch are asked for, and how they are sorted. */
export interface RowOrder {
  condition: string;
  orderBy: string;
  params: Record<string, unknown>;
}

/** The order of the table, from its end: only then are the first rows read and no others. */
export const newestFirst: RowOrder = {
  condition: 'true',
  orderBy: `${recordSecondSql} DESC, at DESC`,
  params: {},
};

/** The rows of one moment, by their ids: the table has no such order, so these are read to be sorted. */
function ofOneMoment(moment: Nanoseconds, id: string): RowOrder {
  return {
    condition: `${recordSecondSql} = {moment_second:UInt64}
      AND at = fromUnixTimestamp64Nano({moment:Int64}, 'UTC')`,
    orderBy: `${id} DESC`,
    params: { moment, moment_second: moment / nanoseconds },
  };
}

/** So many rows of a source at once; several may speak of one run. */
export const rowsAtOnce = 200;

/**
 * Asks for the newest rows of a stretch. Where they end at their limit, those that share the moment of the
 * last may not be all of them, so the rows can be relied on above that moment alone; and where there is no
 * other moment, its rows are asked for again, sorted by their ids.
 *
 * @param id SQL for the id by which rows of one moment stand in the list
 */
export async function newestRows<Row extends RowPosition>(
  ask: (order: RowOrder) => Promise<Row[]>,
  id: string,
): Promise<{ rows: Row[]; floor: RowPosition | undefined }> {
  const rows = await ask(newestFirst);
  const [first, last] = [rows.at(0), rows.at(-1)];
  if (rows.length < rowsAtOnce || !first || !last) return { rows, floor: undefined };
  if (first.endedAt !== last.endedAt) {
    return { rows, floor: { endedAt: last.endedAt + 1n, runId: '' } };
  }
  const ofMoment = await ask(ofOneMoment(last.endedAt, id));
  const lowest = ofMoment.length < rowsAtOnce ? undefined : ofMoment.at(-1);
  return { rows: ofMoment, floor: lowest ?? { endedAt: last.endedAt, runId: '' } };
}

/** Merges rows from several sources, and takes the first few runs. */
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

/** So many bytes of a message tell a failure from others of its span and its moment. */
export const NAMED_MESSAGE_BYTES = 256;

/** What a failure is told apart by, in a list. */
export function failureName(failure: {
  traceId: string;
  spanId: string;
  occurredAt: Nanoseconds;
  errorType: string;
  textHash: string;
  message: Uint8Array;
}): string {
  const { traceId, spanId, occurredAt, errorType, textHash, message } = failure;
  const beginning = Buffer.from(message.subarray(0, NAMED_MESSAGE_BYTES)).toString('latin1');
  return [traceId, spanId, occurredAt, textHash, errorType, beginning].join(' ');
}
