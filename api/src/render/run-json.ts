import type { FailureSource, Run, RunStatus } from '@failtrace/contract';
import { fingerprint, stackTextBytes } from '../read/derived.ts';
import type { FailureRow } from '../read/rows.ts';
import type { Attempt } from '../reconstruct/attempts.ts';
import type { RunView } from '../reconstruct/run-view.ts';
import { isLost, longMessageOf, noLostTexts, stackTextOf, type LostTexts } from './lost-texts.ts';
import { shownMessage } from './shown-message.ts';
import type { MessageHeads, ShownMessage } from './shown-message.ts';
import { toRfc3339 } from './time.ts';
import { defaultSelection, layOutTrace } from './trace-text.ts';

/** One attempt of a run as outsiders see it. */
export interface AttemptJson {
  attempt: number;
  /** That of the trace that ended last. */
  trace_id: string;
  /** Of all its steps, in the order in which they started. */
  trace_ids: string[];
  status: RunStatus;
  started_at: string;
  ended_at: string;
  failures_left_out: number;
  failures: Array<{
    namespace: string;
    service: string;
    span_name: string;
    span_id: string;
    occurred_at: string;
    error_type: string;
    error_message: string;
    error_message_truncated: boolean;
    handled: boolean;
    /** How often it happened, in branches that know nothing of each other. */
    occurrences: number;
    /** The spans on which it was recorded, as it passed through them. */
    seen_on: Array<{ span_id: string; service: string; span_name: string }>;
    upstream_truncated: boolean;
    source: FailureSource;
    bytes: number;
    text_lost: boolean;
    fingerprint: string;
  }>;
}

/**
 * Renders a run.
 *
 * @param heads beginnings of long messages, from {@link readMessageHeads}
 * @param mayReadTraces whether the caller may download trace texts
 * @param lost texts that are stored no more, as far as they were looked for
 */
export function runJson(
  run: RunView,
  heads: MessageHeads,
  mayReadTraces: boolean,
  lost: LostTexts = noLostTexts,
): Run {
  const message = shownMessage(run.shown, heads);
  return {
    run_id: run.runId,
    status: run.status,
    namespace: run.namespace,
    service: run.service,
    name: run.name,
    started_at: toRfc3339(run.startedAt),
    ended_at: toRfc3339(run.endedAt),
    attempts: run.attempts.length,
    error_type: run.shown?.errorType ?? '',
    error_message: message.text,
    error_message_truncated: message.truncated,
    fingerprint: run.shown ? fingerprint(run.shown) : '',
    incomplete: run.incomplete,
    failures_left_out: run.failuresLeftOut ?? null,
    trace: traceJson(run, mayReadTraces, lost),
  };
}

/** Stands for a run of which nothing is recorded, or of which the caller may not know. */
export function unknownRunJson(runId: string): Run {
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
    error_message_truncated: false,
    fingerprint: '',
    incomplete: false,
    failures_left_out: 0,
    trace: { ...noTrace, reason: 'not_recorded' },
  };
}

/** Stands for a run id that several namespaces have, in a look-up that picks none of them. */
export function ambiguousRunJson(runId: string, namespaces: readonly string[]): Run {
  return {
    ...unknownRunJson(runId),
    namespaces,
    trace: { ...noTrace, reason: 'ambiguous_run' },
  };
}

/** Cuts what a record shows of its message, and says so. */
export function withShorterMessage(run: Run, characters: number): Run {
  if (run.error_message.length <= characters) return run;
  return {
    ...run,
    error_message: run.error_message.slice(0, characters).replace(/[\ud800-\udbff]$/, ''),
    error_message_truncated: true,
  };
}

/** Renders one attempt with all that was recorded of it, handled exceptions too. */
export function attemptJson({ failures, ...attempt }: Attempt, lost: LostTexts): AttemptJson {
  return {
    attempt: attempt.attempt,
    trace_id: latestTrace(attempt.traces),
    trace_ids: attempt.traces.map(({ traceId }) => traceId),
    status: attempt.status,
    started_at: toRfc3339(attempt.startedAt),
    ended_at: toRfc3339(attempt.endedAt),
    failures_left_out: attempt.leftOut,
    failures: failures.map((failure) => ({
      namespace: failure.namespace,
      service: failure.service,
      span_name: failure.spanName,
      span_id: failure.spanId,
      occurred_at: toRfc3339(failure.occurredAt),
      error_type: failure.errorType,
      ...messageJson(shownMessage(failure, new Map())),
      handled: failure.handled,
      occurrences: failure.occurrences,
      seen_on: failure.seenOn.slice(0, spansShown).map(({ spanId, service, spanName }) => ({
        span_id: spanId,
        service,
        span_name: spanName,
      })),
      upstream_truncated: isCutUpstream(failure),
      source: failure.source,
      bytes: stackTextBytes(failure),
      text_lost: isLost([...stackTextOf(failure), ...longMessageOf(failure)], lost),
      fingerprint: fingerprint(failure),
    })),
  };
}

/** An exception that a loop recorded may have been seen on thousands. */
const spansShown = 100;

/** Whether the text was cut before it came here, or exceptions beside it were left out. */
function isCutUpstream({ cutUpstream, droppedEvents }: FailureRow): boolean {
  return cutUpstream || droppedEvents > 0;
}

function latestTrace(traces: Attempt['traces']): string {
  return traces.reduce((last, trace) => (trace.endedAt > last.endedAt ? trace : last)).traceId;
}

function messageJson({ text, truncated }: ShownMessage) {
  return { error_message: text, error_message_truncated: truncated };
}

const noTrace: Run['trace'] = {
  available: false,
  reason: null,
  url: null,
  bytes: null,
  truncated: false,
  upstream_truncated: false,
  masked: false,
  expires_at: null,
};

function traceJson(run: RunView, mayReadTraces: boolean, lost: LostTexts): Run['trace'] {
  if (!mayReadTraces) return { ...noTrace, reason: 'forbidden' };
  const text = layOutTrace(run, defaultSelection, lost);
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
    url: `/api/runs/${encodeURIComponent(run.runId)}/trace?${new URLSearchParams({ namespace: run.namespace })}`,
    // Of a run that was not read to its end the size is not known.
    bytes: run.incomplete ? null : text.bytes,
    upstream_truncated: text.failures.some(isCutUpstream),
    expires_at: secondsToRfc3339(Math.min(...text.failures.map((failure) => failure.expiresAt))),
  };
}

function secondsToRfc3339(seconds: number): string {
  return new Date(seconds * 1000).toISOString();
}
