import type { Extracted, Failure, RunSpan, SpanContext } from '../extract/failure.ts';

/** Which run spans need no record of their own. */
export interface SpansOfFailures {
  /** The run spans that the record of a failure speaks for: one failure of each. */
  spanOf: ReadonlyMap<Failure, RunSpan>;
  others: RunSpan[];
}

/**
 * Finds the failures whose record can speak for their span as well: all that a span and its exception
 * have in common is then stored once.
 *
 * An exception that is later than the end of its span stands elsewhere in the order of records, and
 * then the span has a record of its own.
 */
export function spansOfFailures({ failures, runSpans }: Extracted): SpansOfFailures {
  // Of spans that share an id the last alone, so that very many of them cost no more than others.
  const byId = new Map(runSpans.map((span) => [idOf(span), span]));
  const spanOf = new Map<Failure, RunSpan>();
  const spoken = new Set<RunSpan>();
  for (const failure of failures) {
    if (failure.occurredAt > failure.endedAt) continue;
    const span = byId.get(idOf(failure));
    if (!span || spoken.has(span) || !isSameSpan(failure, span)) continue;
    spanOf.set(failure, span);
    spoken.add(span);
  }
  return { spanOf, others: runSpans.filter((span) => !spoken.has(span)) };
}

function idOf({ traceId, spanId }: SpanContext): string {
  return traceId.toString('latin1') + spanId.toString('latin1');
}

/** Two spans of one id may come in one request; senders are not to be trusted with what an id means. */
function isSameSpan(failure: Failure, span: RunSpan): boolean {
  return (
    failure.startedAt === span.startedAt &&
    failure.endedAt === span.endedAt &&
    failure.parentSpanId.equals(span.parentSpanId) &&
    failure.namespace.equals(span.namespace) &&
    failure.service.equals(span.service) &&
    failure.spanName.equals(span.spanName) &&
    (failure.runId.equals(span.runId) ||
      (failure.runId.length === 0 &&
        span.runId.toString('latin1') === span.traceId.toString('hex')))
  );
}
