import type { Nanoseconds } from '../read/rows.ts';

/** What tells which of several spans stands at the top. */
interface SpanPlace {
  spanId: string;
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
  return spans.toSorted(byStart).slice(0, 1);
}

/** Of those that started together the same comes first each time, in whichever order they are read. */
function byStart(a: SpanPlace, b: SpanPlace): number {
  if (a.startedAt !== b.startedAt) return a.startedAt < b.startedAt ? -1 : 1;
  return a.spanId < b.spanId ? -1 : 1;
}
