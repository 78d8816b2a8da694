import type { SpanContext } from '@opentelemetry/api';
import type { FailureExporterOptions } from '../exporter/options.ts';
import type { EndedSpan } from '../telemetry.ts';

/** What becomes of a flush; it is 0 until that is known. */
export const FLUSH = { stored: 1, failed: 2 } as const;

/** A span as plain values, which another thread can be given. */
export interface PlainSpan extends Omit<EndedSpan, 'spanContext'> {
  context: SpanContext;
}

/** What the thread is started with. */
export interface FlushData {
  spans: PlainSpan[];
  options: Omit<FailureExporterOptions, 'logger'>;
  /** One of {@link FLUSH}. */
  outcome: Int32Array;
}

/** A span without what cannot be given to another thread. */
export function plainSpan(span: EndedSpan): PlainSpan {
  const { name, parentSpanContext, startTime, endTime, status, events, droppedEventsCount } = span;
  return {
    name,
    context: plainContext(span.spanContext()),
    parentSpanContext: parentSpanContext && plainContext(parentSpanContext),
    startTime,
    endTime,
    status,
    attributes: plainAttributes(span.attributes),
    events: events.map(({ attributes, ...event }) => ({
      ...event,
      ...(attributes && { attributes: plainAttributes(attributes) }),
    })),
    resource: { attributes: plainAttributes(span.resource.attributes) },
    droppedEventsCount,
  };
}

function plainContext({ traceId, spanId, traceFlags }: SpanContext): SpanContext {
  return { traceId, spanId, traceFlags };
}

/** Nothing is made of any others. */
function plainAttributes(attributes: Readonly<Record<string, unknown>>) {
  return Object.fromEntries(
    Object.entries(attributes).filter(
      (entry): entry is [string, string | number | boolean] =>
        typeof entry[1] === 'string' ||
        typeof entry[1] === 'number' ||
        typeof entry[1] === 'boolean',
    ),
  );
}
