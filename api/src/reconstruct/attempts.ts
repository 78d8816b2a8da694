import type { RunStatus } from '@failtrace/contract';
import { momentOf } from '../read/rows.ts';
import type { FailureRow, Nanoseconds, RunRows, RunSpanRow } from '../read/rows.ts';
import { inOrderOfCause } from './failure-order.ts';
import { distinctExceptions, withoutRedelivered } from './same-exception.ts';
import { topmostSpans } from './topmost.ts';

/** One try of a run. */
export interface Attempt extends TraceOfRun {
  /** Counted from 1, in the order in which the attempts of the run started. */
  attempt: number;
}

/** An OTel trace, as a try of the run that its topmost span names. */
export interface TraceOfRun {
  traceId: string;
  /** That of the topmost span. */
  namespace: string;
  service: string;
  /** The name of the topmost span. */
  name: string;
  status: RunStatus;
  startedAt: Nanoseconds;
  endedAt: Nanoseconds;
  /** The span that the try itself is; undefined when only failures are known. */
  topmost: RunSpanRow | undefined;
  /** From what it ended with down to what caused it; handled ones are among them. */
  failures: FailureRow[];
  /** How many more failures are recorded in the trace than were read. */
  leftOut: number;
}

/**
 * Sorts the rows of one run id into its traces, in the order in which they started.
 *
 * A failure without a run id of its own belongs to the run of its trace; one that names another
 * run does not. Failures of other namespaces in the same trace belong to it.
 */
export function tracesOf(runId: string, rows: RunRows): TraceOfRun[] {
  const spans = Map.groupBy(
    rows.spans.filter((span) => span.runId === runId && !isPartOfNamedRun(runId, span, rows)),
    (span) => span.traceId,
  );
  const failures = Map.groupBy(
    rows.failures.filter(
      (failure) =>
        (failure.runId === '' || failure.runId === runId) &&
        (spans.has(failure.traceId) ||
          (failure.traceId === runId && !rows.namedTraces.has(failure.traceId))),
    ),
    (failure) => failure.traceId,
  );
  return [...new Set([...spans.keys(), ...failures.keys()])]
    .flatMap((traceId) =>
      tracesOfRows(spans.get(traceId) ?? [], failures.get(traceId) ?? []).map((trace) => ({
        ...trace,
        leftOut: rows.leftOut.get(traceId) ?? 0,
      })),
    )
    .toSorted((a, b) => Number(a.startedAt - b.startedAt) || (a.traceId < b.traceId ? -1 : 1));
}

/**
 * A trace is a run under its own id only where nothing in it names a run. A root that is known to have
 * failed stays one, unless a span of its own namespace names a run: nobody else can name it away.
 */
function isPartOfNamedRun(
  runId: string,
  { traceId, namespace }: RunSpanRow,
  { namedTraces }: RunRows,
): boolean {
  return traceId === runId && namedTraces.get(traceId)?.has(namespace) === true;
}

function tracesOfRows(
  spans: readonly RunSpanRow[],
  rows: readonly FailureRow[],
): Array<Omit<TraceOfRun, 'leftOut'>> {
  const failures = withoutRedelivered(rows);
  return spans.length > 0
    ? topmostSpans(spans).map((topmost) => traceOfSpan(topmost, failures))
    : topmostSpans(asSpans(relevant(failures))).map((topmost) =>
        traceOfFailures(topmost, failures),
      );
}

function traceOfSpan(
  topmost: RunSpanRow,
  failures: readonly FailureRow[],
): Omit<TraceOfRun, 'leftOut'> {
  return {
    traceId: topmost.traceId,
    namespace: topmost.namespace,
    service: topmost.service,
    name: topmost.spanName,
    status: topmost.status === 'error' ? 'failed' : 'ok',
    startedAt: topmost.startedAt,
    endedAt: topmost.endedAt,
    topmost,
    failures: distinctExceptions(inOrderOfCause(failures, topmost.spanId)),
  };
}

/** An attempt of which no span is known: the topmost of those that failed stands for it. */
function traceOfFailures(
  topmost: FailedSpan,
  failures: readonly FailureRow[],
): Omit<TraceOfRun, 'leftOut'> {
  return {
    traceId: topmost.traceId,
    namespace: topmost.namespace,
    service: topmost.service,
    name: topmost.spanName,
    status: topmost.handled ? 'unknown' : 'failed',
    startedAt: failures.map(startOf).reduce(earlier),
    endedAt: topmost.endedAt,
    topmost: undefined,
    failures: distinctExceptions(inOrderOfCause(failures, undefined)),
  };
}

type FailedSpan = FailureRow & { startedAt: Nanoseconds; endedAt: Nanoseconds };

function asSpans(failures: readonly FailureRow[]): FailedSpan[] {
  return failures.map((failure) => ({
    ...failure,
    startedAt: startOf(failure),
    endedAt: momentOf(failure),
  }));
}

/** Those failures that speak for a trace of which no span is known. */
function relevant(failures: readonly FailureRow[]): readonly FailureRow[] {
  const unhandled = failures.filter((failure) => !failure.handled);
  return unhandled.length > 0 ? unhandled : failures;
}

function startOf({ spanStartedAt, occurredAt }: FailureRow): Nanoseconds {
  return spanStartedAt === 0n ? occurredAt : earlier(spanStartedAt, occurredAt);
}

function earlier(a: Nanoseconds, b: Nanoseconds): Nanoseconds {
  return b < a ? b : a;
}
