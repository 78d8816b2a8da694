/** How a run ended; its latest attempt decides. `unknown`: nothing tells, or no such run is known. */
export const RUN_STATUSES = ['failed', 'ok', 'unknown'] as const;
export type RunStatus = (typeof RUN_STATUSES)[number];

/** How a span ended, by OpenTelemetry's own status codes, and their numbers on the wire. */
export const SPAN_STATUSES = { unset: 0, ok: 1, error: 2 } as const;

/** Where a failure was recorded, and the number that it is stored by. */
export const FAILURE_SOURCES = { span_event: 1, span_status: 2, log_record: 3 } as const;
export type FailureSource = keyof typeof FAILURE_SOURCES;

/**
 * Why a run has no trace text to download:
 *
 * - `not_recorded`: nothing was recorded that has a text
 * - `pending`: the run failed seconds ago; its failure may be on its way
 * - `expired`: its retention is over
 * - `forbidden`: the caller may see the run, but not read traces
 * - `storage_error`: it cannot be read right now
 * - `ambiguous_run`: several namespaces have a run of this id, and none was picked
 */
export const TRACE_REASONS = [
  'not_recorded',
  'pending',
  'expired',
  'forbidden',
  'storage_error',
  'ambiguous_run',
] as const;
export type TraceReason = (typeof TRACE_REASONS)[number];

/** What is known of the downloadable trace text of a run. */
export interface RunTrace {
  readonly available: boolean;
  /** Null when the text is available. */
  readonly reason: TraceReason | null;
  /** Path and query, relative to the API's origin; null when there is no text. */
  readonly url: string | null;
  /** Bytes of the whole text, uncompressed; null when there is none. */
  readonly bytes: number | null;
  /** Whether frames were left out of the text that `url` gives. */
  readonly truncated: boolean;
  /** Whether the stack was probably cut before it came to failtrace. */
  readonly upstream_truncated: boolean;
  /** Whether secrets in the text were masked. */
  readonly masked: boolean;
  /** RFC 3339, UTC; null when there is no text and none has expired. */
  readonly expires_at: string | null;
}

/**
 * One run, as the API answers it and the chip takes it; the names are those of the JSON. A run is
 * named by `namespace` and `run_id` together: the same id in two namespaces is two runs.
 */
export interface Run {
  readonly run_id: string;
  readonly status: RunStatus;
  /** The tenant, that of the run's topmost span; '' when there is none. */
  readonly namespace: string;
  readonly service: string;
  /** The name of the span that the run is. */
  readonly name: string;
  /** When the first attempt started: RFC 3339, UTC, milliseconds; null when that is not known. */
  readonly started_at: string | null;
  /** When the latest attempt ended: RFC 3339, UTC, milliseconds; null when that is not known. */
  readonly ended_at: string | null;
  readonly attempts: number;
  readonly error_type: string;
  /** Whole, unless `error_message_truncated`; '' when there is none. */
  readonly error_message: string;
  /** Whether `error_message` is only the beginning of it. `/api/runs/{run_id}/message` has the whole. */
  readonly error_message_truncated: boolean;
  /** The same for failures of the same kind at the same place; '' when there is none. */
  readonly fingerprint: string;
  /** Whether more is recorded of this run than was read for this answer. */
  readonly incomplete: boolean;
  /** How many recorded failures were not read for this answer; null where that is not known. */
  readonly failures_left_out: number | null;
  /** Only with the reason `ambiguous_run`: the namespaces that have a run of this id. */
  readonly namespaces?: readonly string[] | undefined;
  readonly trace: RunTrace;
}
