import type { UnavailableReason } from '../errors.ts';
import type { RunStatus } from '../read/candidates.ts';
import type { FailureSource } from '../read/rows.ts';
import type { Attempt } from '../reconstruct/attempts.ts';
import type { RunView } from '../reconstruct/run-view.ts';
import { toRfc3339 } from './time.ts';
import { defaultSelection, layOutTrace } from './trace-text.ts';

/** A run as outsiders see it. */
export interface RunJson {
  run_id: string;
  status: RunStatus;
  namespace: string;
  service: string;
  name: string;
  started_at: string | null;
  ended_at: string | null;
  attempts: number;
  error_type: string;
  error_message: string;
  fingerprint: string;
  trace: {
    available: boolean;
    reason: UnavailableReason | null;
    url: string | null;
    bytes: number | null;
    truncated: boolean;
    upstream_truncated: boolean;
    masked: boolean;
    expires_at: string | null;
  };
}

/** One attempt of a run as outsiders see it. */
export interface AttemptJson {
  attempt: number;
  trace_id: string;
  status: RunStatus;
  started_at: string;
  ended_at: string;
  failures: Array<{
    service: string;
    span_name: string;
    span_id: string;
    occurred_at: string;
    error_type: string;
    error_message: string;
    handled: boolean;
    source: FailureSource;
    bytes: number;
    fingerprint: string;
  }>;
}

/**
 * Go's SDK cuts a stack at this many bytes, and so do backends that pass spans on. A text of
 * exactly this length was most probably longer once.
 */
const upstreamCut = 2048;

/**
 * Renders a run.
 *
 * @param mayReadTraces whether the caller may download trace texts
 */
export function runJson(run: RunView, mayReadTraces: boolean): RunJson {
  return {
    run_id: run.runId,
    status: run.status,
    namespace: run.namespace,
    service: run.service,
    name: run.name,
    started_at: toRfc3339(run.startedAt),
    ended_at: toRfc3339(run.endedAt),
    attempts: run.attempts.length,
    error_type: run.errorType,
    error_message: run.errorMessage,
    fingerprint: run.fingerprint,
    trace: traceJson(run, mayReadTraces),
  };
}

/** Stands for a run of which nothing is recorded, or of which the caller may not know. */
export function unknownRunJson(runId: string): RunJson {
  return {
    run_id: runId,
    status: 'unknown',
    namespace: '',
    service: '',
    name: '',
    started_at: null,
    ended_at: null,
    attempts: 0,
    error_type: '',
    error_message: '',
    fingerprint: '',
    trace: { ...noTrace, reason: 'not_recorded' },
  };
}

/** Renders one attempt with all that was recorded of it, handled exceptions too. */
export function attemptJson({ failures, ...attempt }: Attempt): AttemptJson {
  return {
    attempt: attempt.attempt,
    trace_id: attempt.traceId,
    status: attempt.status,
    started_at: toRfc3339(attempt.startedAt),
    ended_at: toRfc3339(attempt.endedAt),
    failures: failures.map((failure) => ({
      service: failure.service,
      span_name: failure.spanName,
      span_id: failure.spanId,
      occurred_at: toRfc3339(failure.occurredAt),
      error_type: failure.errorType,
      error_message: Buffer.from(failure.message).toString('utf8'),
      handled: failure.handled,
      source: failure.source,
      bytes: failure.textBytes,
      fingerprint: failure.fingerprint,
    })),
  };
}

const noTrace: RunJson['trace'] = {
  available: false,
  reason: null,
  url: null,
  bytes: null,
  truncated: false,
  upstream_truncated: false,
  masked: false,
  expires_at: null,
};

function traceJson(run: RunView, mayReadTraces: boolean): RunJson['trace'] {
  if (!mayReadTraces) return { ...noTrace, reason: 'forbidden' };
  const text = layOutTrace(run, defaultSelection);
  if (text.parts.length === 0) {
    return {
      ...noTrace,
      reason: run.reasonForNoText,
      expires_at: run.expiredAt === undefined ? null : secondsToRfc3339(run.expiredAt),
    };
  }
  return {
    ...noTrace,
    available: true,
    url: `/api/runs/${encodeURIComponent(run.runId)}/trace`,
    bytes: text.bytes,
    upstream_truncated: text.failures.some((failure) => failure.textBytes === upstreamCut),
    expires_at: secondsToRfc3339(Math.min(...text.failures.map((failure) => failure.expiresAt))),
  };
}

function secondsToRfc3339(seconds: number): string {
  return new Date(seconds * 1000).toISOString();
}
