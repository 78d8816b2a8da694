import type { RunStatus } from '../read/candidates.ts';
import type { FailureRow, Nanoseconds, RunRows, RunSpanRow } from '../read/rows.ts';
import { inOrderOfCause } from './failure-order.ts';
import { distinctExceptions, withoutRedelivered } from './same-exception.ts';

/** One try of a run: one OTel trace. */
export interface Attempt {
  /** Counted from 1, in the order in which the attempts started. */
  attempt: number;
  traceId: string;
  status: RunStatus;
  startedAt: Nanoseconds;
  endedAt: Nanoseconds;
  /** The span that the attempt itself is; undefined when only failures are known. */
  topmost: RunSpanRow | undefined;
  /** From what the attempt ended with down to what caused it; handled ones are among them. */
  failures: FailureRow[];
}

/**
 * Sorts the rows of one run into its attempts, in the order in which they started.
 *
 * A failure without a run id of its own belongs to the run of its trace; one that names another
 * run does not.
 */
export function attemptsOf(runId: string, rows: RunRows): Attempt[] {
  const spans = Map.groupBy(
    rows.spans.filter((span) => span.runId === runId),
    (span) => span.traceId,
  );
  const failures = Map.groupBy(
    rows.failures.filter(
      ({ runId: own, traceId }) =>
        (own === '' || own === runId) && (spans.has(traceId) || traceId === runId),
    ),
    (failure) => failure.traceId,
  );
  return [...new Set([...spans.keys(), ...failures.keys()])]
    .map((traceId) => toAttempt(traceId, spans.get(traceId) ?? [], failures.get(traceId) ?? []))
    .toSorted((a, b) => Number(a.startedAt - b.startedAt) || (a.traceId < b.traceId ? -1 : 1))
    .map((attempt, index) => ({ attempt: index + 1, ...attempt }));
}

function toAttempt(
  traceId: string,
  spans: readonly RunSpanRow[],
  rows: readonly FailureRow[],
): Omit<Attempt, 'attempt'> {
  const topmost = topmostOf(spans);
  const failures = withoutRedelivered(rows);
  return {
    traceId,
    topmost,
    status: statusOf(topmost, failures),
    startedAt: topmost?.startedAt ?? least(failures.map(startOf)),
    endedAt: topmost?.endedAt ?? greatest(relevant(failures).map(endOf)),
    failures: distinctExceptions(inOrderOfCause(failures, topmost?.spanId)),
  };
}

/** The root, where it names the run; else the span that started first. */
function topmostOf(spans: readonly RunSpanRow[]): RunSpanRow | undefined {
  const roots = spans.filter((span) => span.parentSpanId === '');
  const among = roots.length > 0 ? roots : spans;
  return among.toSorted((a, b) => Number(a.startedAt - b.startedAt))[0];
}

function statusOf(topmost: RunSpanRow | undefined, failures: readonly FailureRow[]): RunStatus {
  if (topmost) return topmost.status === 'error' ? 'failed' : 'ok';
  return failures.some((failure) => !failure.handled) ? 'failed' : 'unknown';
}

/** Those failures that decide when a run ended of which no span is known. */
function relevant(failures: readonly FailureRow[]): readonly FailureRow[] {
  const unhandled = failures.filter((failure) => !failure.handled);
  return unhandled.length > 0 ? unhandled : failures;
}

function startOf(failure: FailureRow): Nanoseconds {
  return least([failure.spanStartedAt || failure.occurredAt, failure.occurredAt]);
}

function endOf(failure: FailureRow): Nanoseconds {
  return greatest([failure.spanEndedAt, failure.occurredAt]);
}

function least(times: readonly Nanoseconds[]): Nanoseconds {
  return times.reduce((a, b) => (b < a ? b : a));
}

function greatest(times: readonly Nanoseconds[]): Nanoseconds {
  return times.reduce((a, b) => (b > a ? b : a));
}
