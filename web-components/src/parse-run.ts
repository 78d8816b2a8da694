import { type Run, type RunTrace, TRACE_REASONS, type TraceReason } from '@failtrace/contract';

const reasons: ReadonlySet<string> = new Set(TRACE_REASONS);

/**
 * Reads a run from JSON, or from the object that a host page has set.
 *
 * Only `run_id` must be there. Everything else that is missing or of another type becomes its empty
 * value, so that an API that is older or newer than the chip still shows what it knows. A reason that
 * this version does not know becomes null.
 *
 * @returns null where the value is no run.
 */
export function parseRun(value: unknown): Run | null {
  const run = record(value);
  const runId = run?.['run_id'];
  if (run === null || typeof runId !== 'string') return null;
  const status = run['status'];
  return {
    run_id: runId,
    status: status === 'failed' || status === 'ok' ? status : 'unknown',
    namespace: text(run['namespace']),
    service: text(run['service']),
    name: text(run['name']),
    started_at: textOrNull(run['started_at']),
    ended_at: textOrNull(run['ended_at']),
    attempts: numberOrNull(run['attempts']) ?? 0,
    error_type: text(run['error_type']),
    error_message: text(run['error_message']),
    error_message_truncated: run['error_message_truncated'] === true,
    fingerprint: text(run['fingerprint']),
    incomplete: run['incomplete'] === true,
    failures_left_out: numberOrNull(run['failures_left_out']),
    namespaces: textsOrNothing(run['namespaces']),
    trace: parseTrace(run['trace']),
  };
}

function parseTrace(value: unknown): RunTrace {
  const trace = record(value) ?? { reason: 'not_recorded' };
  const url = textOrNull(trace['url']);
  const available = trace['available'] === true && url !== null;
  const reason = trace['reason'];
  return {
    available,
    reason: !available && isTraceReason(reason) ? reason : null,
    url,
    bytes: numberOrNull(trace['bytes']),
    truncated: trace['truncated'] === true,
    upstream_truncated: trace['upstream_truncated'] === true,
    masked: trace['masked'] === true,
    expires_at: textOrNull(trace['expires_at']),
  };
}

function isTraceReason(value: unknown): value is TraceReason {
  return typeof value === 'string' && reasons.has(value);
}

/** A JSON object, or null for everything else. */
export function record(value: unknown): Record<string, unknown> | null {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : null;
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

function textsOrNothing(value: unknown): string[] | undefined {
  return Array.isArray(value) ? value.filter((item) => typeof item === 'string') : undefined;
}

function textOrNull(value: unknown): string | null {
  return typeof value === 'string' && value !== '' ? value : null;
}

function numberOrNull(value: unknown): number | null {
  return typeof value === 'number' && Number.isFinite(value) && value >= 0 ? value : null;
}
