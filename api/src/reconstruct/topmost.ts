import type { Nanoseconds } from '../read/rows.ts';

/** What tells which of several spans stands at the top. */
interface SpanPlace {
  parentSpanId: string;
  namespace: string;
  startedAt: Nanoseconds;
}

/**
 * The topmost of the spans of one trace: its root or, where none is known, the span that started first.
 *
 * A trace has one root. Where roots of several namespaces are found, each stands for itself: no tenant
 * takes over the run of another one by sending a root into its trace.
 */
export function topmostSpans<Span extends SpanPlace>(spans: readonly Span[]): Span[] {
  const roots = spans.filter((span) => span.parentSpanId === '');
  if (roots.length === 0) return earliest(spans);
  return [...Map.groupBy(roots, (root) => root.namespace).values()].flatMap(earliest);
}

function earliest<Span extends SpanPlace>(spans: readonly Span[]): Span[] {
  return spans.toSorted((a, b) => (a.startedAt < b.startedAt ? -1 : 1)).slice(0, 1);
}
