import { failureSources } from '../store/schema.ts';
import { STATUS_ERROR } from '../decode/span-status.ts';
import type { DecodedSpan, DecodedTraces } from '../decode/decoded-span.ts';
import type { Extracted, Failure, RunSpan, SpanContext } from './failure.ts';

const RUN_ID_MAX_CHARACTERS = 256;
const CONTROL_CHARACTER = /\p{Cc}/u;
const EMPTY = Buffer.alloc(0);

/**
 * Decides what of the decoded spans is a failure, and which spans name a run.
 *
 * - An exception event is a failure; handled when its span did not end in ERROR.
 * - A run span with status ERROR and no exception is a failure too.
 * - A run span is one that carries the run id itself; where the resource carries it, a root span or
 *   one with an exception; where nothing does, a root span that failed, named by its trace id.
 *
 * A span without a valid trace id or span id is rejected (the OTLP specification calls it invalid);
 * a run id that is not 1 to 256 characters without control characters is as good as none.
 */
export function extract(traces: DecodedTraces): Extracted {
  const extracted: Extracted = {
    failures: [],
    runSpans: [],
    rejected: { spans: 0, message: '' },
  };
  let ignoredRunIds = 0;
  for (const span of traces.spans) {
    if (!isId(span.traceId, 16) || !isId(span.spanId, 8)) {
      extracted.rejected.spans += 1;
      continue;
    }
    const ownRunId = usableRunId(span.runId);
    const resourceRunId = usableRunId(span.resource.runId);
    if (ownRunId === undefined || resourceRunId === undefined) ignoredRunIds += 1;
    extractSpan(span, ownRunId ?? EMPTY, resourceRunId ?? EMPTY, extracted);
  }
  extracted.rejected.message = [
    extracted.rejected.spans > 0 &&
      `${extracted.rejected.spans} spans were rejected: a trace id is 16 bytes and a span id 8, not all zero.`,
    ignoredRunIds > 0 &&
      `${ignoredRunIds} spans carry a run id that was ignored: a run id is 1 to ${RUN_ID_MAX_CHARACTERS} characters without control characters.`,
  ]
    .filter(Boolean)
    .join(' ');
  return extracted;
}

function extractSpan(
  span: DecodedSpan,
  ownRunId: Buffer,
  resourceRunId: Buffer,
  { failures, runSpans }: Extracted,
): void {
  const isRoot = !isId(span.parentSpanId, 8);
  const failed = span.status === STATUS_ERROR;
  const context: SpanContext = {
    traceId: span.traceId,
    spanId: span.spanId,
    parentSpanId: isRoot ? EMPTY : span.parentSpanId,
    namespace: span.resource.namespace,
    service: span.resource.service,
    spanName: span.name,
    startedAt: span.startedAt,
    endedAt: span.endedAt,
    runId: ownRunId.length > 0 ? ownRunId : resourceRunId,
  };

  for (const exception of span.exceptions) {
    failures.push({
      ...context,
      source: failureSources.span_event,
      occurredAt: exception.time || span.endedAt,
      handled: !failed,
      type: exception.type,
      message: exception.message,
      stackText: exception.stackText,
    });
  }

  const runSpan = asRunSpan(span, context, ownRunId, isRoot);
  if (!runSpan) return;
  runSpans.push(runSpan);
  if (failed && span.exceptions.length === 0) failures.push(statusFailure(span, context));
}

function asRunSpan(
  span: DecodedSpan,
  context: SpanContext,
  ownRunId: Buffer,
  isRoot: boolean,
): RunSpan | undefined {
  const { status, statusMessage } = span;
  const failing = span.exceptions.length > 0;
  if (ownRunId.length > 0) return { ...context, status, statusMessage };
  if (context.runId.length > 0) {
    return isRoot || failing ? { ...context, status, statusMessage } : undefined;
  }
  if (!isRoot || !(failing || status === STATUS_ERROR)) return undefined;
  return { ...context, runId: Buffer.from(span.traceId.toString('hex')), status, statusMessage };
}

function statusFailure(span: DecodedSpan, context: SpanContext): Failure {
  return {
    ...context,
    source: failureSources.span_status,
    occurredAt: span.endedAt,
    handled: false,
    type: EMPTY,
    message: span.statusMessage,
    stackText: EMPTY,
  };
}

/** An id of the right length that is not all zero, as the W3C Trace Context wants it. */
function isId(bytes: Buffer, length: number): boolean {
  return bytes.length === length && bytes.some((byte) => byte !== 0);
}

/** The run id itself, empty where there is none, or undefined where it cannot be used. */
function usableRunId(bytes: Buffer): Buffer | undefined {
  if (bytes.length === 0) return bytes;
  if (bytes.length > RUN_ID_MAX_CHARACTERS * 4) return undefined;
  const text = bytes.toString('utf8');
  const characters = Array.from(text).length;
  return characters <= RUN_ID_MAX_CHARACTERS && !CONTROL_CHARACTER.test(text) ? bytes : undefined;
}
