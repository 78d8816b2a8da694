import { isId, SPAN_ID_BYTES, TRACE_ID_BYTES } from '../decode/ids.ts';
import type { DecodedSpan, DecodedTraces } from '../decode/traces/decoded-traces.ts';
import { spanFact } from '../decode/traces/span-facts.ts';
import { STATUS_ERROR } from '../decode/traces/span-status.ts';
import { FAILURE_SOURCES } from '@failtrace/contract';
import type { Extracted, Failure, SpanContext } from './failure.ts';
import { asLabel, isTooLong } from './label.ts';
import { asRejected, type Remarks } from './rejected.ts';
import { resourceContexts, type ResourceContext } from './resource.ts';
import { isUsable } from './run-id.ts';
import { isRunSpan } from './span-rule.ts';
import { clocksAhead, momentOf, noLaterThan, setBack, type Moment } from './times.ts';
import { hasEscaped, isNamedBy } from './outcome.ts';
import { isCutUpstream } from './upstream-cut.ts';

const EMPTY = Buffer.alloc(0);

/** What `extract` is told beside the spans. */
export interface ExtractOptions {
  /** Our own time, in milliseconds since the Unix epoch. */
  nowMs: number;
  /** The namespace of every record, whatever the resources say: that of the sender's key. */
  namespace?: string | undefined;
}

/**
 * Decides what of the decoded spans is a failure, and which spans name a run.
 *
 * - An exception event is a failure; handled when its span did not end in ERROR and it did not escape.
 * - A run span with status ERROR and no exception is a failure too.
 * - Which spans are run spans stands in `span-rule.ts`.
 *
 * A span without a valid trace id or span id is rejected (the OTLP specification calls it invalid);
 * a run id that is not 1 to 256 characters of UTF-8 without control characters is as good as none.
 * Times later than `nowMs` and a small skew come from a clock that is ahead: all times of its resource are
 * set back by as much. What is still later becomes that moment; a span without an end has ended now.
 * What is grouped by (namespace, service, span name, exception type) is made well-formed and short;
 * messages and stack texts stay byte for byte. All of it is told to the sender in `rejected`.
 */
export function extract(traces: DecodedTraces, options: ExtractOptions): Extracted {
  const moment = momentOf(options.nowMs);
  const contextOf = resourceContexts(options.namespace);
  const remarks: Remarks = { invalidIds: 0, ignoredRunIds: 0, futureTimes: 0, cutLabels: 0 };
  const records: Records = { failures: [], runSpans: [] };
  const clocks = clocksAhead(traces.spans, moment);
  for (const span of traces.spans) {
    if (isId(span.traceId, TRACE_ID_BYTES) && isId(span.spanId, SPAN_ID_BYTES)) {
      const resource = contextOf(span.resource);
      extractSpan(span, resource, clocks.get(span.resource) ?? 0n, moment, records);
      remark(span, resource, moment, remarks);
    } else {
      remarks.invalidIds += 1;
    }
  }
  return { ...records, rejected: asRejected('spans', remarks, traces.leftOut, moment.latest) };
}

type Records = Pick<Extracted, 'failures' | 'runSpans'>;

function extractSpan(
  span: DecodedSpan,
  resource: ResourceContext,
  clockAhead: bigint,
  { now, latest }: Moment,
  { failures, runSpans }: Records,
): void {
  const isRoot = !isId(span.parentSpanId, SPAN_ID_BYTES);
  const escaped = span.exceptions.map((exception) => hasEscaped(exception, span));
  // An exception that left its span is a failure whatever the status says.
  const status = escaped.includes(true) ? STATUS_ERROR : span.status;
  const failed = status === STATUS_ERROR;
  const ownRunId = isUsable(span.runId) ? span.runId : EMPTY;
  const context: SpanContext = {
    traceId: span.traceId,
    spanId: span.spanId,
    parentSpanId: isRoot ? EMPTY : span.parentSpanId,
    namespace: resource.namespace,
    service: resource.service,
    spanName: asLabel(span.name),
    startedAt: noLaterThan(latest, setBack(span.startedAt, clockAhead)),
    endedAt: noLaterThan(latest, span.endedAt === 0n ? now : setBack(span.endedAt, clockAhead)),
    runId: ownRunId.length > 0 ? ownRunId : resource.runId,
  };

  for (const [index, exception] of span.exceptions.entries()) {
    const { time } = exception;
    failures.push({
      ...context,
      source: FAILURE_SOURCES.span_event,
      occurredAt: noLaterThan(latest, time === 0n ? context.endedAt : setBack(time, clockAhead)),
      status,
      handled: span.status !== STATUS_ERROR && escaped[index] !== true,
      outcome: isNamedBy(span.statusMessage, exception),
      cutUpstream: exception.droppedAttributes > 0 || isCutUpstream(exception.stackText),
      droppedEvents: span.droppedEvents,
      type: asLabel(exception.type),
      message: exception.message,
      stackText: exception.stackText,
    });
  }

  const facts =
    (span.exceptions.length > 0 ? spanFact.hasException : 0) |
    (failed ? spanFact.hasFailed : 0) |
    (ownRunId.length > 0 ? spanFact.namesRun : 0) |
    (isRoot ? spanFact.isRoot : 0) |
    (resource.runId.length > 0 ? spanFact.resourceNamesRun : 0);
  if (!isRunSpan(facts)) return;
  runSpans.push({
    ...context,
    runId: context.runId.length > 0 ? context.runId : Buffer.from(span.traceId.toString('hex')),
    status,
  });
  if (failed && span.exceptions.length === 0) {
    failures.push(statusFailure(context, span));
  }
}

function statusFailure(
  context: SpanContext,
  { status, statusMessage, droppedEvents }: DecodedSpan,
): Failure {
  return {
    ...context,
    source: FAILURE_SOURCES.span_status,
    occurredAt: context.endedAt,
    status,
    handled: false,
    outcome: true,
    cutUpstream: false,
    droppedEvents,
    type: EMPTY,
    message: statusMessage,
    stackText: EMPTY,
  };
}

function remark(
  span: DecodedSpan,
  resource: ResourceContext,
  { latest }: Moment,
  remarks: Remarks,
): void {
  const { exceptions } = span;
  if (resource.hasIgnoredRunId || !isUsable(span.runId)) remarks.ignoredRunIds += 1;
  if (
    span.startedAt > latest ||
    span.endedAt > latest ||
    exceptions.some(({ time }) => time > latest)
  ) {
    remarks.futureTimes += 1;
  }
  if (
    resource.hasCutLabel ||
    isTooLong(span.name) ||
    exceptions.some(({ type }) => isTooLong(type))
  ) {
    remarks.cutLabels += 1;
  }
}
