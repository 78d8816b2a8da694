import type { DecodedException, DecodedResource } from '../decoded.ts';
import type { Taken } from '../intake.ts';
import type { LeftOut } from '../limits.ts';
import { STATUS_ERROR, type SpanStatusCode } from './span-status.ts';

/**
 * What failtrace needs of an OTLP span. Strings stay the bytes that arrived, views into the body, so
 * that a stack text is stored as the runtime recorded it; only JSON strings with escapes are new.
 */
export interface DecodedSpan {
  /** The same object for all spans of a resource. */
  resource: DecodedResource;
  traceId: Buffer;
  spanId: Buffer;
  /** Empty for a root span. */
  parentSpanId: Buffer;
  name: Buffer;
  /** Nanoseconds since the Unix epoch. */
  startedAt: bigint;
  /** Nanoseconds since the Unix epoch. */
  endedAt: bigint;
  status: SpanStatusCode;
  statusMessage: Buffer;
  /** The value of the first run id attribute that the span itself carries. */
  runId: Buffer;
  exceptions: DecodedException[];
  /** How many events of the span its sender left out. */
  droppedEvents: number;
}

/** The spans of a request that matter to failtrace, and how many spans there were in all. */
export interface DecodedTraces {
  spanCount: number;
  /** The spans that `keep` wanted, in the order of the body. */
  spans: DecodedSpan[];
  /** The spans at the end that a limit kept out; undefined when every span was looked at. */
  leftOut: LeftOut | undefined;
}

export function asDecodedTraces({ count, items, leftOut }: Taken<DecodedSpan>): DecodedTraces {
  return { spanCount: count, spans: items, leftOut };
}

/** How many failures a span is beside its exceptions: one where it has none, and its status is ERROR. */
export function failuresBeside({ status, exceptions }: DecodedSpan): number {
  return status === STATUS_ERROR && exceptions.length === 0 ? 1 : 0;
}
