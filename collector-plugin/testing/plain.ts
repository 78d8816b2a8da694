import type { DecodedTraces } from '../src/decode/traces/decoded-traces.ts';

/** All of what a decoder gave, comparable, and readable in a failure's diff. */
export function plain({ spanCount, spans, leftOut }: DecodedTraces) {
  const text = (bytes: Buffer) => bytes.toString('latin1');
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
      exceptions: span.exceptions.map(
        ({ time, type, message, stackText, escaped, droppedAttributes }) => [
          time,
          text(type),
          text(message),
          text(stackText),
          escaped,
          droppedAttributes,
        ],
      ),
    })),
  };
}

/** What came of a decode: the result, or the error. */
export type Outcome =
  { traces: ReturnType<typeof plain>; error?: undefined } | { traces?: undefined; error: unknown };

/** Decodes and keeps what is thrown. */
export function attempt(decode: () => DecodedTraces): Outcome {
  try {
    return { traces: plain(decode()) };
  } catch (error) {
    return { error };
  }
}
