import type { FailureRow } from '../read/rows.ts';

interface FailingSpan {
  spanId: string;
  parentSpanId: string;
  endedAt: bigint;
  /** Latest first. */
  failures: FailureRow[];
}

/**
 * Orders the failures of one OTel trace from what the run ended with down to what caused it.
 *
 * The failures of the topmost span come first, then those of the spans below it, each span
 * followed by what is known to have failed beneath it; of spans side by side, the one that ended
 * last comes first. Within a span the last exception is the one that it ended with.
 *
 * Only failing spans are stored, so the chain of parents has gaps. A span whose parent is not
 * known stands directly below the topmost span, where its end time decides.
 *
 * @param topmostSpanId the span that the run itself is, where one is known
 */
export function inOrderOfCause(
  failures: readonly FailureRow[],
  topmostSpanId: string | undefined,
): FailureRow[] {
  const spans = failingSpans(failures);
  const children = childrenByParent(spans, topmostSpanId);
  const topmost = topmostSpanId === undefined ? undefined : spans.get(topmostSpanId);

  const ordered: FailureRow[] = [];
  const visited = new Set<FailingSpan>();
  // A stack of our own: a trace may be deeper than the call stack, and hostile ids may form rings.
  function walk(start: readonly FailingSpan[]): void {
    const stack = start.toReversed();
    for (let span = stack.pop(); span; span = stack.pop()) {
      if (visited.has(span)) continue;
      visited.add(span);
      ordered.push(...span.failures);
      stack.push(...(children.get(span.spanId) ?? []).toReversed());
    }
  }
  if (topmost) walk([topmost]);
  walk(children.get('') ?? []);
  walk(latestFirst([...spans.values()]));
  return ordered;
}

function failingSpans(failures: readonly FailureRow[]): Map<string, FailingSpan> {
  const spans = new Map<string, FailingSpan>();
  for (const failure of failures) {
    const { spanId, parentSpanId, spanEndedAt: endedAt } = failure;
    const span = spans.get(spanId) ?? { spanId, parentSpanId, endedAt, failures: [] };
    span.failures.push(failure);
    // A log record knows its span's id, but neither the span's parent nor its end.
    span.parentSpanId ||= parentSpanId;
    if (endedAt > span.endedAt) span.endedAt = endedAt;
    spans.set(spanId, span);
  }
  for (const span of spans.values()) {
    span.failures.sort((a, b) => compare(b.occurredAt, a.occurredAt));
  }
  return spans;
}

/** Spans whose parent is unknown, or is the topmost span, stand under `''`. */
function childrenByParent(
  spans: ReadonlyMap<string, FailingSpan>,
  topmostSpanId: string | undefined,
): Map<string, FailingSpan[]> {
  const children = new Map<string, FailingSpan[]>();
  for (const span of latestFirst([...spans.values()])) {
    if (span.spanId === topmostSpanId) continue;
    const known = span.parentSpanId !== topmostSpanId && spans.has(span.parentSpanId);
    const parent = known ? span.parentSpanId : '';
    children.set(parent, [...(children.get(parent) ?? []), span]);
  }
  return children;
}

function latestFirst(spans: FailingSpan[]): FailingSpan[] {
  return spans.toSorted((a, b) => compare(b.endedAt, a.endedAt));
}

function compare(a: bigint, b: bigint): number {
  return a < b ? -1 : Number(a > b);
}
