import type { DecodedException } from '../src/decode/decoded.ts';
import type { DecodedLogs } from '../src/decode/logs/decoded-logs.ts';
import type { DecodedTraces } from '../src/decode/traces/decoded-traces.ts';

const text = (bytes: Buffer) => bytes.toString('latin1');

/** All of what a decoder gave, comparable, and readable in a failure's diff. */
export function plain({ spanCount, spans, leftOut }: DecodedTraces) {
  return {
    spanCount,
    leftOut,
    spans: spans.map((span) => ({
      resource: [span.resource.namespace, span.resource.service, span.resource.runId].map(text),
      ids: [span.traceId, span.spanId, span.parentSpanId].map(text),
      name: text(span.name),
      times: [span.startedAt, span.endedAt],
      status: [span.status, text(span.statusMessage)],
      runId: text(span.runId),
      droppedEvents: span.droppedEvents,
      exceptions: span.exceptions.map(plainException),
    })),
  };
}

function plainException({
  time,
  type,
  message,
  stackText,
  escaped,
  droppedAttributes,
}: DecodedException) {
  return [time, text(type), text(message), text(stackText), escaped, droppedAttributes];
}

/** The same for log records. */
export function plainLogs({ recordCount, records, leftOut }: DecodedLogs) {
  return {
    recordCount,
    leftOut,
    records: records.map((record) => ({
      resource: [record.resource.namespace, record.resource.service, record.resource.runId].map(
        text,
      ),
      ids: [record.traceId, record.spanId].map(text),
      observedTime: record.observedTime,
      severity: [record.severityNumber, text(record.severityText)],
      body: text(record.body),
      runId: text(record.runId),
      exception: plainException(record.exception),
    })),
  };
}

/** What came of a decode: the result, or the error. */
export type Outcome<Plain> =
  { decoded: Plain; error?: undefined } | { decoded?: undefined; error: unknown };

/** Decodes and keeps what is thrown. */
export function attempt<Plain>(decode: () => Plain): Outcome<Plain> {
  try {
    return { decoded: decode() };
  } catch (error) {
    return { error };
  }
}
