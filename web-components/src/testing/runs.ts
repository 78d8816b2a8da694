import type { Run, RunTrace } from '@failtrace/contract';

type RunParts = Partial<Omit<Run, 'trace'>> & { trace?: Partial<RunTrace> };

/** A failed run with a trace, as the API answers it. */
export function failedRun(runId: string, parts: RunParts = {}): Run {
  return {
    run_id: runId,
    status: 'failed',
    namespace: '',
    service: 'checkout',
    name: 'POST /orders',
    started_at: '2026-11-22T13:04:05.120Z',
    ended_at: '2026-11-22T13:04:06.480Z',
    attempts: 2,
    error_type: 'PaymentDeclinedError',
    error_message: 'card ending in 4242 was declined by the issuer',
    error_message_truncated: false,
    fingerprint: '1b2c3d4e5f607182',
    incomplete: false,
    failures_left_out: 0,
    ...parts,
    trace: {
      available: true,
      reason: null,
      url: `/api/runs/${encodeURIComponent(runId)}/trace${searchOf(parts.namespace)}`,
      bytes: 12_400,
      truncated: false,
      upstream_truncated: false,
      masked: false,
      expires_at: '2026-12-22T13:04:06.480Z',
      ...parts.trace,
    },
  };
}

function searchOf(namespace: string | undefined): string {
  return namespace === undefined ? '' : `?${new URLSearchParams({ namespace })}`;
}

/** What a look-up answers for an id that several namespaces have. */
export function ambiguousRun(runId: string, namespaces: readonly string[]): Run {
  return failedRun(runId, {
    status: 'unknown',
    service: '',
    name: '',
    started_at: null,
    ended_at: null,
    attempts: 0,
    error_type: '',
    error_message: '',
    fingerprint: '',
    namespaces,
    trace: {
      available: false,
      reason: 'ambiguous_run',
      url: null,
      bytes: null,
      expires_at: null,
    },
  });
}

/** A failed run whose trace cannot be had. */
export function runWithoutTrace(runId: string, reason: RunTrace['reason']): Run {
  return failedRun(runId, { trace: { available: false, reason, url: null, bytes: null } });
}
