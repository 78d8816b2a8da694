import type { RunStatus, TraceReason } from '@failtrace/contract';
import type { Position } from '../read/candidates.ts';
import { hasStackText } from '../read/derived.ts';
import type { FailureRow, Nanoseconds, RunRows, Seconds } from '../read/rows.ts';
import { attemptsOf, repeats, tracesOf } from './attempts.ts';
import type { Attempt, TraceOfRun } from './attempts.ts';
import type { SeenFailure } from './same-exception.ts';

/** A run, put together from its rows. Nothing of it has expired. */
export interface RunView {
  runId: string;
  /** With `runId` the run's name: the same id in another namespace is another run. */
  namespace: string;
  status: RunStatus;
  service: string;
  name: string;
  /** The start of the first attempt. */
  startedAt: Nanoseconds;
  /** The end of the last of its traces. */
  endedAt: Nanoseconds;
  /** The end of the trace that decides over its status, which is also the run's place in the list. */
  decidedAt: Nanoseconds;
  /** In the order in which they started; never empty. */
  attempts: Attempt[];
  /** The number of the attempt that decides over its status. */
  decidingAttempt: number;
  /** What the deciding trace failed with; undefined where it did not, or nothing is known of it. */
  shown: SeenFailure | undefined;
  /** Whether more rows speak of the run than were read. */
  incomplete: boolean;
  /** How many more failures are recorded in its traces than were read; undefined where that is not known. */
  failuresLeftOut: number | undefined;
  /** The reason to give when a trace text is asked for and there is none. */
  reasonForNoText: Extract<TraceReason, 'not_recorded' | 'pending' | 'expired'>;
  /** When the data that the run has lost expired; only with the reason `expired`. */
  expiredAt: Seconds | undefined;
}

/** Nanoseconds within which the failures of a run that has just ended may still be on their way. */
const pendingFor = 10_000_000_000n;

/**
 * Puts the runs of one id together: one for each namespace in which it names a run.
 *
 * @param now milliseconds since the epoch
 * @returns in the order of their namespaces; none when no row speaks of such a run
 */
export function reconstructRuns(runId: string, rows: RunRows, now: number): RunView[] {
  const byNamespace = Map.groupBy(tracesOf(runId, rows), (trace) => trace.namespace);
  return [...byNamespace.values()]
    .map((traces) => reconstructRun(runId, traces, leftOutOf(runId, traces, rows), now))
    .toSorted((a, b) => (a.namespace < b.namespace ? -1 : 1));
}

function reconstructRun(
  runId: string,
  traces: readonly TraceOfRun[],
  failuresLeftOut: number | undefined,
  now: number,
): RunView {
  const deciding = decidingTrace(traces);
  const expiredAt = expiryOf(deciding, now);
  const attempts = attemptsOf(traces);
  return {
    runId,
    namespace: deciding.namespace,
    status: deciding.status,
    service: deciding.service,
    name: deciding.name,
    startedAt: (traces[0] as TraceOfRun).startedAt,
    endedAt: attempts.reduce((latest, { endedAt }) => (endedAt > latest ? endedAt : latest), 0n),
    decidedAt: deciding.endedAt,
    attempts: attempts.map((attempt) => withoutExpired(attempt, now)),
    decidingAttempt: attempts.find((attempt) => attempt.traces.includes(deciding))?.attempt ?? 1,
    shown: shownOf(withoutExpired(deciding, now)),
    incomplete: failuresLeftOut !== 0,
    failuresLeftOut,
    reasonForNoText: reasonOf(deciding, expiredAt, now),
    expiredAt,
  };
}

/** A run failed where a trace of it did that no later one repeated; else its latest trace decides. */
function decidingTrace(traces: readonly TraceOfRun[]): TraceOfRun {
  const unresolved = traces.filter(
    (trace) => trace.status === 'failed' && !traces.some((other) => repeats(other, trace)),
  );
  const latest = unresolved.toSorted((a, b) => Number(a.endedAt - b.endedAt)).at(-1);
  return latest ?? (traces.at(-1) as TraceOfRun);
}

/** How many failures are stored of a run beside those that were read; undefined where that is not known. */
function leftOutOf(
  runId: string,
  traces: readonly TraceOfRun[],
  rows: RunRows,
): number | undefined {
  if (rows.cutRuns.has(runId)) return undefined;
  return traces.reduce((sum, { leftOut }) => sum + leftOut, 0);
}

/** Whether a failure has a stack text, or at least a type or a message to stand in for one. */
export function hasText(failure: FailureRow): boolean {
  if (failure.source === 'span_status') return false;
  return hasStackText(failure) || failure.errorType !== '' || failure.messageBytes > 0;
}

/** A run's place in the list. */
export function positionOf({ decidedAt, runId, namespace }: RunView): Position {
  return { endedAt: decidedAt, runId, namespace };
}

/** What a dashboard's error column says: what the trace ended with, in words where there are any. */
function shownOf(latest: TraceOfRun): SeenFailure | undefined {
  if (latest.status !== 'failed') return undefined;
  const unhandled = latest.failures.filter((failure) => !failure.handled);
  // Those of the run's own namespace first: others may add to its text, but not speak in its place.
  const own = unhandled.filter(({ namespace }) => namespace === latest.namespace);
  const tells = (row: FailureRow) => row.errorType !== '' || row.messageBytes > 0;
  return own.find(tells) ?? unhandled.find(tells) ?? unhandled[0];
}

function reasonOf(
  latest: TraceOfRun,
  expiredAt: Seconds | undefined,
  now: number,
): RunView['reasonForNoText'] {
  if (expiredAt !== undefined) return 'expired';
  const age = BigInt(now) * 1_000_000n - latest.endedAt;
  return latest.status === 'failed' && age < pendingFor ? 'pending' : 'not_recorded';
}

// Expired rows stand until ClickHouse drops their part. To the caller they are gone at once.
function isExpired(expiresAt: Seconds, now: number): boolean {
  return expiresAt * 1000 <= now;
}

function withoutExpired<Some extends Pick<TraceOfRun, 'failures'>>(some: Some, now: number): Some {
  return {
    ...some,
    failures: some.failures.filter((failure) => !isExpired(failure.expiresAt, now)),
  };
}

function expiryOf({ topmost, failures }: TraceOfRun, now: number): Seconds | undefined {
  return [...failures, ...(topmost ? [topmost] : [])]
    .map((row) => row.expiresAt)
    .filter((expiresAt) => isExpired(expiresAt, now))
    .toSorted((a, b) => a - b)
    .at(-1);
}
