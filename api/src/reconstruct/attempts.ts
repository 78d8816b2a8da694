import type { RunStatus } from '@failtrace/contract';
import { momentOf } from '../read/rows.ts';
import type { FailureRow, Nanoseconds, RunRows, RunSpanRow } from '../read/rows.ts';
import { inOrderOfCause } from './failure-order.ts';
import { withHandled } from './handled.ts';
import { distinctExceptions, withoutRedelivered } from './same-exception.ts';
import type { SeenFailure } from './same-exception.ts';
import { createSpanTree } from './span-tree.ts';
import { topmostSpans } from './topmost.ts';

/** One try of a run: its traces that follow one another as steps, or run side by side. */
export interface Attempt {
  /** Counted from 1, in the order in which the attempts of the run started. */
  attempt: number;
  /** In the order in which they started; never empty. */
  traces: TraceOfRun[];
  /** `failed` where one of its traces did; none of them was repeated in it. */
  status: RunStatus;
  startedAt: Nanoseconds;
  endedAt: Nanoseconds;
  /** Those of the trace that ended last come first. */
  failures: SeenFailure[];
  /** How many more failures are recorded in its traces than were read. */
  leftOut: number;
}

/** An OTel trace, as a step of the run that its topmost span names. */
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
  failures: SeenFailure[];
  /** How many more failures are recorded in the trace than were read. */
  leftOut: number;
}

/**
 * Sorts the traces of a run into its attempts. A trace is a step, named by the service and the name of its
 * topmost span. A step that starts again after it has ended is the beginning of the next attempt; other
 * steps, and those that overlap, belong to the same one.
 *
 * @param traces in the order in which they started
 */
export function attemptsOf(traces: readonly TraceOfRun[]): Attempt[] {
  const attempts: TraceOfRun[][] = [];
  for (const trace of traces) {
    const current = attempts.at(-1);
    if (current && !current.some((former) => repeats(trace, former))) current.push(trace);
    else attempts.push([trace]);
  }
  return attempts.map((steps, index) => asAttempt(steps, index + 1));
}

/** Whether a trace does again what another one had done. */
export function repeats(later: TraceOfRun, former: TraceOfRun): boolean {
  return (
    later !== former &&
    later.service === former.service &&
    later.name === former.name &&
    later.startedAt >= former.endedAt
  );
}

function asAttempt(traces: TraceOfRun[], attempt: number): Attempt {
  const last = traces.toSorted((a, b) => Number(b.endedAt - a.endedAt));
  const statuses = new Set(traces.map(({ status }) => status));
  return {
    attempt,
    traces,
    status:
      (['failed', 'ok', 'unknown'] as const).find((status) => statuses.has(status)) ?? 'unknown',
    startedAt: traces.map(({ startedAt }) => startedAt).reduce(earlier),
    endedAt: last[0]?.endedAt ?? 0n,
    failures: last.flatMap(({ failures }) => failures),
    leftOut: traces.reduce((sum, { leftOut }) => sum + leftOut, 0),
  };
}

/**
 * Sorts the rows of one run id into its traces, in the order in which they started.
 *
 * A failure without a run id of its own belongs to the run of its trace; one that names another
 * run does not. Failures of other namespaces in the same trace belong to it. Where no span names the run, a log
 * record that does names it for its trace.
 */
export function tracesOf(runId: string, rows: RunRows): TraceOfRun[] {
  const spans = Map.groupBy(
    rows.spans.filter((span) => span.runId === runId && !isPartOfNamedRun(runId, span, rows)),
    (span) => span.traceId,
  );
  const logged = new Set(
    rows.failures
      .filter((failure) => failure.source === 'log_record' && failure.runId === runId)
      .map(({ traceId }) => traceId),
  );
  const failures = Map.groupBy(
    rows.failures.filter(
      (failure) =>
        (failure.runId === '' || failure.runId === runId) &&
        (spans.has(failure.traceId) ||
          logged.has(failure.traceId) ||
          (failure.traceId === runId && !rows.namedTraces.has(failure.traceId))),
    ),
    (failure) => failure.traceId,
  );
  return [...new Set([...spans.keys(), ...failures.keys()])]
    .flatMap((traceId) =>
      tracesOfRows(spans.get(traceId) ?? [], failures.get(traceId) ?? []).map((trace) => ({
        ...trace,
        leftOut: trace.leftOut + (rows.leftOut.get(traceId) ?? 0),
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

function tracesOfRows(spans: readonly RunSpanRow[], rows: readonly FailureRow[]): TraceOfRun[] {
  const failures = withoutRedelivered(rows);
  return spans.length > 0
    ? shared(failures, topmostSpans(spans), traceOfSpan)
    : shared(failures, topmostSpans(asSpans(relevant(failures))), traceOfFailures);
}

/** So many namespaces at most have all failures of a trace that they share: a sender may make up thousands. */
const mostSharing = 100;

/** Each topmost span with all failures of its trace; where very many share it, with those of its own namespace. */
function shared<Span extends { namespace: string }>(
  failures: readonly FailureRow[],
  topmost: readonly Span[],
  asTrace: (topmost: Span, failures: readonly FailureRow[]) => Omit<TraceOfRun, 'leftOut'>,
): TraceOfRun[] {
  if (topmost.length <= mostSharing) {
    return topmost.map((span) => ({ ...asTrace(span, failures), leftOut: 0 }));
  }
  const byNamespace = Map.groupBy(failures, ({ namespace }) => namespace);
  return topmost.map((span) => {
    const own = byNamespace.get(span.namespace) ?? [];
    return { ...asTrace(span, own), leftOut: failures.length - own.length };
  });
}

function traceOfSpan(
  topmost: RunSpanRow,
  failures: readonly FailureRow[],
): Omit<TraceOfRun, 'leftOut'> {
  const status = topmost.status === 'error' ? 'failed' : 'ok';
  return {
    traceId: topmost.traceId,
    namespace: topmost.namespace,
    service: topmost.service,
    name: topmost.spanName,
    status,
    startedAt: topmost.startedAt,
    endedAt: topmost.endedAt,
    topmost,
    failures: inOrder(withHandled(failures, status), topmost),
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
    failures: inOrder(failures, undefined),
  };
}

function inOrder(failures: readonly FailureRow[], topmost: RunSpanRow | undefined): SeenFailure[] {
  const tree = createSpanTree(failures, topmost);
  return distinctExceptions(inOrderOfCause(tree), tree);
}

type FailedSpan = FailureRow & { startedAt: Nanoseconds; endedAt: Nanoseconds };

function asSpans(failures: readonly FailureRow[]): FailedSpan[] {
  return failures.map((failure) => ({
    ...failure,
    startedAt: startOf(failure),
    endedAt: momentOf(failure),
    // A log record knows no parent, and is no root by that.
    parentSpanId: failure.source === 'log_record' ? 'unknown' : failure.parentSpanId,
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
