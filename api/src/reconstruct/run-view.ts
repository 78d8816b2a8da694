import type { UnavailableReason } from '../errors.ts';
import type { Position, RunStatus } from '../read/candidates.ts';
import type { FailureRow, Nanoseconds, RunRows, Seconds } from '../read/rows.ts';
import { attemptsOf } from './attempts.ts';
import type { Attempt } from './attempts.ts';

/** A run, put together from its rows. Nothing of it has expired. */
export interface RunView {
  runId: string;
  status: RunStatus;
  namespace: string;
  service: string;
  name: string;
  /** The start of the first attempt. */
  startedAt: Nanoseconds;
  /** The end of the latest attempt, which is also the run's place in the list. */
  endedAt: Nanoseconds;
  /** In the order in which they started; never empty. */
  attempts: Attempt[];
  /** What the latest attempt failed with. `errorMessage` is whole. */
  errorType: string;
  errorMessage: string;
  /** 16 hex digits, or `''`. */
  fingerprint: string;
  /** The reason to give when a trace text is asked for and there is none. */
  reasonForNoText: Extract<UnavailableReason, 'not_recorded' | 'pending' | 'expired'>;
  /** When the data that the run has lost expired; only with the reason `expired`. */
  expiredAt: Seconds | undefined;
}

/** Nanoseconds within which the failures of a run that has just ended may still be on their way. */
const pendingFor = 10_000_000_000n;

/**
 * Puts a run together.
 *
 * @param now milliseconds since the epoch
 * @returns undefined when no row speaks of the run
 */
export function reconstructRun(runId: string, rows: RunRows, now: number): RunView | undefined {
  const attempts = attemptsOf(runId, rows);
  const latest = attempts.at(-1);
  const first = attempts[0];
  if (!latest || !first) return undefined;

  const expiredAt = expiryOf(latest, now);
  const named = latest.topmost ?? latest.failures[0];
  return {
    runId,
    status: latest.status,
    namespace: named?.namespace ?? '',
    service: named?.service ?? '',
    name: named?.spanName ?? '',
    startedAt: first.startedAt,
    endedAt: latest.endedAt,
    attempts: attempts.map((attempt) => withoutExpired(attempt, now)),
    ...errorOf(withoutExpired(latest, now)),
    reasonForNoText: reasonOf(latest, expiredAt, now),
    expiredAt,
  };
}

/** Whether a failure has a stack text, or at least a type or a message to stand in for one. */
export function hasText(failure: FailureRow): boolean {
  if (failure.source === 'span_status') return false;
  return failure.textBytes > 0 || failure.errorType !== '' || failure.message.length > 0;
}

/** A run's place in the list. */
export function positionOf(run: RunView): Position {
  return { endedAt: run.endedAt, runId: run.runId };
}

const noError = { errorType: '', errorMessage: '', fingerprint: '' };

/** What a dashboard's error column says: what the attempt ended with, in words where there are any. */
function errorOf(attempt: Attempt): typeof noError {
  if (attempt.status !== 'failed') return noError;
  const unhandled = attempt.failures.filter((failure) => !failure.handled);
  const telling = unhandled.find((row) => row.errorType !== '' || row.message.length > 0);
  const failure = telling ?? unhandled[0];
  if (!failure) return { ...noError, errorMessage: attempt.topmost?.statusMessage ?? '' };
  return {
    errorType: failure.errorType,
    errorMessage: Buffer.from(failure.message).toString('utf8'),
    fingerprint: failure.fingerprint,
  };
}

function reasonOf(
  latest: Attempt,
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

function withoutExpired(attempt: Attempt, now: number): Attempt {
  const { topmost, failures } = attempt;
  return {
    ...attempt,
    topmost:
      topmost && isExpired(topmost.expiresAt, now) ? { ...topmost, statusMessage: '' } : topmost,
    failures: failures.filter((failure) => !isExpired(failure.expiresAt, now)),
  };
}

function expiryOf({ topmost, failures }: Attempt, now: number): Seconds | undefined {
  return [...failures, ...(topmost ? [topmost] : [])]
    .map((row) => row.expiresAt)
    .filter((expiresAt) => isExpired(expiresAt, now))
    .toSorted((a, b) => a - b)
    .at(-1);
}
