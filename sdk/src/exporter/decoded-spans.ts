import {
  spanFact,
  spanMatters,
  type DecodedException,
  type DecodedResource,
  type DecodedSpan,
  type DecodedTraces,
} from '@failtrace/collector-plugin';
import { isSpanContextValid, SpanStatusCode } from '@opentelemetry/api';
import { firstText, idOf, nanosecondsOf, textOf } from './attributes.ts';
import type { EndedSpan, TelemetryResource } from '../telemetry.ts';

const EXCEPTION = 'exception';
const NOTHING = Buffer.alloc(0);

/** Whether anything is kept of a span: the receiver's own rule, asked of the SDK's own object. */
export function isKept(span: EndedSpan, runIdNames: readonly string[]): boolean {
  const { hasException, hasFailed, namesRun, isRoot, resourceNamesRun } = spanFact;
  return spanMatters(
    (span.events.some(({ name }) => name === EXCEPTION) ? hasException : 0) |
      (span.status.code === SpanStatusCode.ERROR ? hasFailed : 0) |
      (firstText(span.attributes, runIdNames).length > 0 ? namesRun : 0) |
      (hasParent(span) ? 0 : isRoot) |
      (firstText(span.resource.attributes, runIdNames).length > 0 ? resourceNamesRun : 0),
  );
}

/** Spans as the receiver has them once it has decoded a request. */
export function decodedSpans(
  spans: readonly EndedSpan[],
  runIdNames: readonly string[],
): DecodedTraces {
  const resources = new Map<TelemetryResource, DecodedResource>();
  const resourceOf = (resource: TelemetryResource) => {
    const known = resources.get(resource) ?? decodedResource(resource, runIdNames);
    resources.set(resource, known);
    return known;
  };
  const kept = spans.filter((span) => isKept(span, runIdNames));
  return {
    spanCount: spans.length,
    spans: kept.map((span) => decodedSpan(span, resourceOf(span.resource), runIdNames)),
    leftOut: undefined,
  };
}

/** A resource as the receiver has it. */
export function decodedResource(
  { attributes }: TelemetryResource,
  runIdNames: readonly string[],
): DecodedResource {
  return {
    namespace: textOf(attributes['service.namespace']),
    service: textOf(attributes['service.name']),
    runId: firstText(attributes, runIdNames),
  };
}

/** An exception as the receiver has it, of the attributes of a span event or of a log record. */
export function decodedException(
  attributes: Readonly<Record<string, unknown>>,
  time: bigint,
  droppedAttributes: number,
): DecodedException {
  return {
    time,
    type: textOf(attributes['exception.type']),
    message: textOf(attributes['exception.message']),
    stackText: textOf(attributes['exception.stacktrace']),
    escaped: String(attributes['exception.escaped']).toLowerCase() === 'true',
    droppedAttributes,
  };
}

function decodedSpan(
  span: EndedSpan,
  resource: DecodedResource,
  runIdNames: readonly string[],
): DecodedSpan {
  const { traceId, spanId } = span.spanContext();
  return {
    resource,
    traceId: idOf(traceId),
    spanId: idOf(spanId),
    parentSpanId: hasParent(span) ? idOf(span.parentSpanContext?.spanId) : NOTHING,
    name: Buffer.from(span.name),
    startedAt: nanosecondsOf(span.startTime),
    endedAt: nanosecondsOf(span.endTime),
    status: span.status.code,
    statusMessage: Buffer.from(span.status.message ?? ''),
    runId: firstText(span.attributes, runIdNames),
    exceptions: span.events
      .filter(({ name }) => name === EXCEPTION)
      .map(({ attributes = {}, time, droppedAttributesCount = 0 }) =>
        decodedException(attributes, nanosecondsOf(time), droppedAttributesCount),
      ),
    droppedEvents: span.droppedEventsCount,
  };
}

function hasParent({ parentSpanContext }: EndedSpan): boolean {
  return parentSpanContext !== undefined && isSpanContextValid(parentSpanContext);
}
