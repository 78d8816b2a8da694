import { ClickHouseError } from '@clickhouse/client';
import { spansOfTrace } from './limits.ts';
import type { RowLimits } from './limits.ts';
import type { FailureCount } from './records.ts';
import type { FailureRow, RunSpanRow } from './rows.ts';

/** The first rows of some runs that have too many. */
export interface FirstRows<Row> {
  rows: Row[];
  /** Whether not even the first ones could be sorted out: these are any of them. */
  gaveUp: boolean;
}

/** ClickHouse's own numbers for a query that takes too long, reads too much, takes too much memory, or answers too much. */
const tooHeavy: ReadonlySet<string> = new Set(['159', '241', '307', '396']);

/**
 * What is asked for; or, where that is too much for ClickHouse, something else in its place: a page must not fail
 * because of one run.
 */
export async function unlessTooHeavy<Answer>(
  ask: () => Promise<Answer>,
  otherwise: () => Answer | Promise<Answer>,
): Promise<Answer> {
  try {
    return await ask();
  } catch (thrown) {
    const { cause } = thrown as Error;
    if (!(cause instanceof ClickHouseError && tooHeavy.has(cause.code))) throw thrown;
    return otherwise();
  }
}

/** The first failures of some runs, and how many others are recorded. */
export interface FirstFailures extends FirstRows<FailureRow> {
  /** Of each trace that has more than were read, how many more. */
  leftOut: ReadonlyMap<string, number>;
}

/** Of each trace that has more failures than were read, how many more. */
export function failuresLeftOut(
  read: readonly FailureRow[],
  counts: readonly FailureCount[],
): Map<string, number> {
  const readOf = countsOf(read.map(({ traceId }) => traceId));
  return new Map(
    counts
      .map(({ traceId, failures }) => [traceId, failures - (readOf.get(traceId) ?? 0)] as const)
      .filter(([, more]) => more > 0),
  );
}

/** Runs of which more is stored than was read, and nobody knows how much. */
export function cutRuns(
  runIds: readonly string[],
  spans: FirstRows<RunSpanRow>,
  failures: FirstFailures,
  limits: RowLimits,
): Set<string> {
  const isRoomUsedUp = spans.gaveUp || failures.gaveUp || spans.rows.length >= limits.rows;
  if (isRoomUsedUp) return new Set(runIds);
  const keys = spans.rows.map(({ runId, namespace }) => JSON.stringify([runId, namespace]));
  return new Set(
    [...countsOf(keys)]
      .filter(([, count]) => count >= limits.tracesOfRun * spansOfTrace)
      .map(([key]) => (JSON.parse(key) as [string, string])[0]),
  );
}

function countsOf(keys: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const key of keys) counts.set(key, (counts.get(key) ?? 0) + 1);
  return counts;
}
