import type {
  Attributes,
  Context,
  HrTime,
  Span,
  SpanContext,
  SpanStatus,
} from '@opentelemetry/api';

/*
 * What of OpenTelemetry's SDK is used here, by its form: so this package works with whichever version of
 * `sdk-trace` and `sdk-logs` a service has, and asks for none of its own.
 */

/** Who made a span or a log record. */
export interface TelemetryResource {
  readonly attributes: Readonly<Record<string, unknown>>;
  readonly asyncAttributesPending?: boolean | undefined;
  waitForAsyncAttributes?(): Promise<void>;
}

/** A span that has ended, as exporters get it. */
export interface EndedSpan {
  readonly name: string;
  spanContext(): SpanContext;
  readonly parentSpanContext?: SpanContext | undefined;
  readonly startTime: HrTime;
  readonly endTime: HrTime;
  readonly status: SpanStatus;
  readonly attributes: Attributes;
  readonly events: readonly {
    readonly name: string;
    readonly time: HrTime;
    readonly attributes?: Attributes | undefined;
    readonly droppedAttributesCount?: number | undefined;
  }[];
  readonly resource: TelemetryResource;
  readonly droppedEventsCount: number;
}

/** A span that is still open, as processors get it. */
export type OpenSpan = Span & EndedSpan;

/** A log record, as exporters get it. */
export interface EmittedLogRecord {
  readonly hrTime: HrTime;
  readonly hrTimeObserved: HrTime;
  readonly spanContext?: SpanContext | undefined;
  readonly severityNumber?: number | undefined;
  readonly severityText?: string | undefined;
  readonly body?: unknown;
  readonly eventName?: string | undefined;
  readonly attributes: Readonly<Record<string, unknown>>;
  readonly resource: TelemetryResource;
  readonly droppedAttributesCount: number;
}

/** OpenTelemetry's own: 0 for success, 1 for failure. */
export interface ExportResult {
  code: 0 | 1;
  error?: Error;
}

/** What a tracer provider asks of a span processor. */
export interface ProcessorOfSpans {
  onStart(span: OpenSpan, parentContext: Context): void;
  onEnd(span: EndedSpan): void;
  forceFlush(): Promise<void>;
  shutdown(): Promise<void>;
}
