import type { FailureRow, Nanoseconds } from '../read/rows.ts';

/** A span with failures. Only such are stored, and those that name a run, so chains of parents have gaps. */
export interface FailingSpan {
  spanId: string;
  /** `''` for a root, and where nothing tells. */
  parentSpanId: string;
  service: string;
  startedAt: Nanoseconds;
  endedAt: Nanoseconds;
  /** What it ended with first. */
  failures: FailureRow[];
}

/** The span that a try of a run is, as far as the others are placed below it. */
export type TopmostSpan = Pick<FailingSpan, 'spanId' | 'service' | 'startedAt' | 'endedAt'>;

/** How the failing spans of one trace stand to each other. */
export interface SpanTree {
  spans: ReadonlyMap<string, FailingSpan>;
  topmost: TopmostSpan | undefined;
  /** Whether one failure is of a span above that of the other, or of the same. */
  areInLine(a: FailureRow, b: FailureRow): boolean;
}

/** More spans are not gone up: a trace may be very deep, and hostile ids may form rings. */
const mostGenerations = 1_000;

/**
 * @param topmost the span that the run itself is, where one is known
 */
export function createSpanTree(
  failures: readonly FailureRow[],
  topmost: TopmostSpan | undefined,
): SpanTree {
  const spans = failingSpans(failures);

  function isAbove(above: FailureRow, below: FailureRow): boolean {
    const upper = spans.get(above.spanId);
    let span = spans.get(below.spanId);
    if (!upper || !span || upper === span) return upper === span;
    for (let generation = 0; span && generation < mostGenerations; generation += 1) {
      const { parentSpanId }: FailingSpan = span;
      if (parentSpanId === upper.spanId) return true;
      const parent = spans.get(parentSpanId);
      // Spans that did not fail are not known. What a span encloses in time may be below it.
      if (!parent) return upper.spanId === topmost?.spanId || encloses(upper, span);
      span = parent;
    }
    return false;
  }

  return { spans, topmost, areInLine: (a, b) => isAbove(a, b) || isAbove(b, a) };
}

function encloses(outer: FailingSpan, inner: FailingSpan): boolean {
  return (
    outer.parentSpanId !== inner.parentSpanId &&
    outer.service === inner.service &&
    outer.startedAt < inner.startedAt &&
    outer.endedAt >= inner.endedAt
  );
}

function failingSpans(failures: readonly FailureRow[]): Map<string, FailingSpan> {
  const spans = new Map<string, FailingSpan>();
  for (const failure of failures) {
    const { spanId, parentSpanId, service, spanStartedAt, spanEndedAt } = failure;
    const span = spans.get(spanId) ?? {
      spanId,
      parentSpanId,
      service,
      startedAt: spanStartedAt,
      endedAt: spanEndedAt,
      failures: [],
    };
    span.failures.push(failure);
    // A log record knows its span's id, but neither the span's parent nor its times.
    span.parentSpanId ||= parentSpanId;
    if (failure.source !== 'log_record') span.startedAt = spanStartedAt;
    if (spanEndedAt > span.endedAt) span.endedAt = spanEndedAt;
    spans.set(spanId, span);
  }
  for (const span of spans.values()) span.failures.sort(byOutcome);
  return spans;
}

/** The one that the span's own status names, then those that were not handled, then the last. */
function byOutcome(a: FailureRow, b: FailureRow): number {
  return (
    Number(b.outcome) - Number(a.outcome) ||
    Number(a.handled) - Number(b.handled) ||
    Number(b.occurredAt - a.occurredAt)
  );
}
