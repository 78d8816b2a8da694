import { ClickHouseError } from '@clickhouse/client';
import { spansOfTrace } from './limits.ts';
import type { RowLimits } from './limits.ts';
import type { FailureRow, RunSpanRow } from './rows.ts';

/** The first rows of some runs that have too many. */
export interface FirstRows<Row> {
  rows: Row[];
  /** Whether not even the first ones could be sorted out: these are any of them. */
  gaveUp: boolean;
}

/** ClickHouse's own numbers for a query that takes too long, too much memory, or answers too much. */
const tooHeavy: ReadonlySet<string> = new Set(['159', '241', '396']);

/**
 * The first rows; or, where even these are too much to ask for, any that are at hand: a page must not fail
 * because of one run.
 */
export async function firstOr<Row>(
  any: Row[],
  askFirst: () => Promise<Row[]>,
): Promise<FirstRows<Row>> {
  try {
    return { rows: await askFirst(), gaveUp: false };
  } catch (thrown) {
    const { cause } = thrown as Error;
    if (!(cause instanceof ClickHouseError && tooHeavy.has(cause.code))) throw thrown;
    return { rows: any, gaveUp: true };
  }
}

/** Traces of which as many failures came as may come at all, so that more may be there. */
export function fullTraces(failures: readonly FailureRow[], limits: RowLimits): Set<string> {
  const keys = failures.map(({ traceId, namespace }) => `${traceId} ${namespace}`);
  return new Set(
    keysOfAtLeast(limits.failuresOfTrace, keys).map((key) => key.slice(0, key.indexOf(' '))),
  );
}

/** Runs of which more is stored than was read, as far as their own rows or the room for all tells. */
export function cutRuns(
  runIds: readonly string[],
  spans: FirstRows<RunSpanRow>,
  failures: FirstRows<FailureRow>,
  limits: RowLimits,
): Set<string> {
  const { failuresOfNamespace, tracesOfRun, rows } = limits;
  const namespaces = failures.rows.map(({ namespace }) => namespace);
  const isRoomUsedUp =
    [spans, failures].some((some) => some.gaveUp || some.rows.length >= rows) ||
    keysOfAtLeast(failuresOfNamespace, namespaces).length > 0;
  if (isRoomUsedUp) return new Set(runIds);
  const keys = spans.rows.map(({ runId, namespace }) => JSON.stringify([runId, namespace]));
  return new Set(
    keysOfAtLeast(tracesOfRun * spansOfTrace, keys).map(
      (key) => (JSON.parse(key) as [string, string])[0],
    ),
  );
}

function keysOfAtLeast(least: number, keys: readonly string[]): string[] {
  const counts = new Map<string, number>();
  for (const key of keys) counts.set(key, (counts.get(key) ?? 0) + 1);
  return [...counts].filter(([, count]) => count >= least).map(([key]) => key);
}
