import type { Run } from '@failtrace/contract';

/** A failed run without a trace, as `GET /api/runs` lists it. */
export function runOf(runId: string, parts: Partial<Run> = {}): Run {
  return {
    run_id: runId,
    status: 'failed',
    namespace: '',
    service: 'orders',
    name: 'fulfil',
    started_at: null,
    ended_at: null,
    attempts: 1,
    error_type: '',
    error_message: '',
    error_message_truncated: false,
    fingerprint: '',
    incomplete: false,
    failures_left_out: 0,
    ...parts,
    trace: {
      available: false,
      reason: 'not_recorded',
      url: null,
      bytes: null,
      truncated: false,
      upstream_truncated: false,
      masked: false,
      expires_at: null,
      ...parts.trace,
    },
  };
}
