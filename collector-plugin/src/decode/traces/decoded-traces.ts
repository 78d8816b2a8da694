import type { LeftOut } from '../limits.ts';
import type { SpanStatusCode } from './span-status.ts';

/** What failtrace needs of an OTLP resource. Absent attributes are empty. */
export interface DecodedResource {
  /** `service.namespace` */
  namespace: Buffer;
  /** `service.name` */
  service: Buffer;
  /** The value of the first run id attribute that the resource carries. */
  runId: Buffer;
}

/** A span event named `exception`, by its attributes. Absent attributes are empty. */
export interface DecodedException {
  /** Nanoseconds since the Unix epoch; 0 when the event has no time. */
  time: bigint;
  /** `exception.type` */
  type: Buffer;
  /** `exception.message` */
  message: Buffer;
  /** `exception.stacktrace`, byte for byte. */
  stackText: Buffer;
  /** `exception.escaped`: the exception left the scope of its span. */
  escaped: boolean;
  /** How many attributes of the event its sender left out. */
  droppedAttributes: number;
}

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
