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

/** Where a span stands: those below it have the numbers behind its own, up to its last one. */
interface Place {
  number: number;
  last: number;
  /** The highest span above it, or itself; undefined where its parents form a ring. */
  highest: FailingSpan | undefined;
}

/**
 * @param topmost the span that the run itself is, where one is known
 */
export function createSpanTree(
  failures: readonly FailureRow[],
  topmost: TopmostSpan | undefined,
): SpanTree {
  const spans = failingSpans(failures);
  const places = placesOf(spans);

  function isAbove(above: FailureRow, below: FailureRow): boolean {
    const upper = spans.get(above.spanId);
    const lower = spans.get(below.spanId);
    if (!upper || !lower || upper === lower) return upper === lower;
    const [from, to] = [places.get(upper), places.get(lower)];
    if (!from || !to) return false;
    if (from.number < to.number && to.number <= from.last) return true;
    // Spans that did not fail are not known. What a span encloses in time may be below it.
    const { highest } = to;
    return highest !== undefined && (upper.spanId === topmost?.spanId || encloses(upper, highest));
  }

  return { spans, topmost, areInLine: (a, b) => isAbove(a, b) || isAbove(b, a) };
}

/**
 * Numbers the spans from top to bottom once, because each failure is held against many others: to go up the
 * parents for each pair took 15 s of a trace of a thousand spans whose ids form rings.
 */
function placesOf(spans: ReadonlyMap<string, FailingSpan>): Map<FailingSpan, Place> {
  const children = Map.groupBy(spans.values(), ({ parentSpanId }) => parentSpanId);
  const places = new Map<FailingSpan, Place>();

  function number(top: FailingSpan, highest: FailingSpan | undefined): void {
    // A stack of our own: a trace may be deeper than the call stack.
    const stack = [top];
    for (let span = stack.at(-1); span; span = stack.at(-1)) {
      const place = places.get(span);
      if (place) {
        place.last = Math.max(place.last, places.size);
        stack.pop();
        continue;
      }
      places.set(span, { number: places.size + 1, last: 0, highest });
      for (const child of children.get(span.spanId) ?? []) {
        if (!places.has(child)) stack.push(child);
      }
    }
  }
  for (const span of spans.values()) if (!spans.has(span.parentSpanId)) number(span, span);
  // What is left stands in a ring of parents, or below one: hostile ids may form them.
  for (const span of spans.values()) if (!places.has(span)) number(span, undefined);
  return places;
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
