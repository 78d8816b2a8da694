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

/** Later than any moment that ClickHouse can hold. */
export const endOfTime: Position = {
  endedAt: 9_223_372_036_000_000_000n,
  runId: '',
  namespace: '',
};

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
  /** The traces of which that is known already. */
  traceIds: string[];
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

/** Takes the first few runs that the rows speak of. */
export function firstCandidates(
  { rows, floor }: CandidateRows,
  stretch: Stretch,
): Pick<Candidates, 'runIds' | 'floor'> {
  const lowest = { ...(floor ?? { endedAt: stretch.from, runId: '' }), namespace: '' };
  const runIds = new Set<string>();
  const places = rows.map((row) => ({ ...row, namespace: '' }));
  for (const row of places.toSorted((a, b) => (isBelow(a, b) ? 1 : -1))) {
    if (isBelow(row, lowest)) break;
    runIds.add(row.runId);
    const { endedAt, runId, namespace } = row;
    if (runIds.size === stretch.limit) {
      return { runIds: [...runIds], floor: { endedAt, runId, namespace } };
    }
  }
  return { runIds: [...runIds], floor: lowest };
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
