import type { SpanStatusCode } from '../decode/traces/span-status.ts';
import type { FAILURE_SOURCES } from '@failtrace/contract';

/** Where a failure was recorded: the values of the `source` column. */
export type FailureSource = (typeof FAILURE_SOURCES)[keyof typeof FAILURE_SOURCES];

/** Where and in which span something happened; common to failures and run spans. */
export interface SpanContext {
  /** 16 bytes. */
  traceId: Buffer;
  /** 8 bytes; empty for a log record that names no span. */
  spanId: Buffer;
  /** 8 bytes, or empty for a root span, and for a log record, which does not know. */
  parentSpanId: Buffer;
  /** `service.namespace`: the tenant. Empty when there is none. */
  namespace: Buffer;
  /** `service.name` */
  service: Buffer;
  spanName: Buffer;
  /** Nanoseconds since the Unix epoch. */
  startedAt: bigint;
  /** Nanoseconds since the Unix epoch. */
  endedAt: bigint;
  /** The run id that the span or its resource carries; empty when neither does. */
  runId: Buffer;
}

/**
 * One recorded exception, of a span event or a log record, or a run span with status ERROR and no exception.
 *
 * Strings are bytes, as they arrived: UTF-8 by the OTLP specification, but stored whatever they are.
 */
export interface Failure extends SpanContext {
  source: FailureSource;
  /** Nanoseconds since the Unix epoch. */
  occurredAt: bigint;
  /** How the span ended; 0 for a log record, which does not know. */
  status: SpanStatusCode;
  /**
   * The span did not end in ERROR, nor the exception leave it: something in it dealt with it. Of a log record: it is
   * below ERROR.
   */
  handled: boolean;
  /** The status message of the span names it: of several, this is what the span ended with. */
  outcome: boolean;
  /** Whether the stack text, or attributes beside it, were cut before they came here. */
  cutUpstream: boolean;
  /** How many events of the span were left out before it came here: there may be exceptions among them. */
  droppedEvents: number;
  /** `exception.type`; empty for a failure without an exception. */
  type: Buffer;
  /** `exception.message`, or the span's status message. */
  message: Buffer;
  /** `exception.stacktrace`; empty when none was recorded. */
  stackText: Buffer;
}

/** A span that tells which run its trace belongs to, and how that run went. */
export interface RunSpan extends SpanContext {
  status: SpanStatusCode;
}

/** What one request leaves to be stored. */
export interface Extracted {
  failures: Failure[];
  runSpans: RunSpan[];
  /** Spans or log records that could not be kept, and why, in the words for the sender's `partial_success`. */
  rejected: { items: number; message: string };
}
