import type { failureSources, spanStatuses } from '@failtrace/collector-plugin/schema';

/** Nanoseconds since the Unix epoch. */
export type Nanoseconds = bigint;

/** Seconds since the Unix epoch. */
export type Seconds = number;

/** Where a failure was recorded. */
export type FailureSource = keyof typeof failureSources;

/** One row of `run_spans`: a span that names its run. Ids are lower-case hex, `''` for none. */
export interface RunSpanRow {
  runId: string;
  traceId: string;
  spanId: string;
  parentSpanId: string;
  namespace: string;
  service: string;
  spanName: string;
  startedAt: Nanoseconds;
  endedAt: Nanoseconds;
  status: keyof typeof spanStatuses;
  statusMessage: string;
  expiresAt: Seconds;
}

/** One row of `failures`. Ids and hashes are lower-case hex, `''` for none. */
export interface FailureRow {
  /** `''` unless the span or its resource carries a run id. */
  runId: string;
  traceId: string;
  spanId: string;
  parentSpanId: string;
  namespace: string;
  service: string;
  spanName: string;
  spanStartedAt: Nanoseconds;
  spanEndedAt: Nanoseconds;
  occurredAt: Nanoseconds;
  handled: boolean;
  source: FailureSource;
  errorType: string;
  /** The bytes as recorded. They need not be valid UTF-8, and go back into the stack text as they are. */
  message: Uint8Array;
  textHash: string;
  /** Bytes of the whole stack text as recorded; 0 when there is none. */
  textBytes: number;
  /** Ascending offsets in the whole stack text at which the message was cut out. */
  messageOffsets: readonly number[];
  fingerprint: string;
  expiresAt: Seconds;
}

/** What ClickHouse knows of some runs, before anything is made of it. */
export interface RunRows {
  spans: RunSpanRow[];
  failures: FailureRow[];
}
