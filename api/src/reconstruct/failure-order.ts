import type { FailureRow } from '../read/rows.ts';
import type { FailingSpan, SpanTree, TopmostSpan } from './span-tree.ts';

/**
 * Orders the failures of one OTel trace from what the run ended with down to what caused it.
 *
 * The failures of the topmost span come first, then those of the spans below it, each span followed by what
 * is known to have failed beneath it. Of spans side by side the one comes first that the span above names in
 * its status or its own failure; then those that lie within the time of the span above, since a clock
 * that is wrong shows there; then the one that ended last.
 *
 * Only failing spans are stored, so the chain of parents has gaps. A span whose parent is not
 * known stands directly below the topmost span.
 */
export function inOrderOfCause({ spans, topmost }: SpanTree): FailureRow[] {
  const children = childrenByParent(spans, topmost);
  const top = topmost && spans.get(topmost.spanId);

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
  if (top) walk([top]);
  walk(children.get('') ?? []);
  walk([...spans.values()].toSorted((a, b) => latestFirst(a, b)));
  return ordered;
}

/** Spans whose parent is unknown, or is the topmost span, stand under `''`. */
function childrenByParent(
  spans: ReadonlyMap<string, FailingSpan>,
  topmost: TopmostSpan | undefined,
): Map<string, FailingSpan[]> {
  const groups = Map.groupBy(
    [...spans.values()].filter(({ spanId }) => spanId !== topmost?.spanId),
    ({ parentSpanId }) =>
      parentSpanId !== topmost?.spanId && spans.has(parentSpanId) ? parentSpanId : '',
  );
  return new Map(
    [...groups].map(([parentId, siblings]) => {
      const parent = parentId === '' ? topmost : spans.get(parentId);
      const told = parent && spans.get(parent.spanId)?.failures;
      return [parentId, siblings.length > 1 ? inOrder(siblings, parent, told ?? []) : siblings];
    }),
  );
}

function inOrder(
  siblings: readonly FailingSpan[],
  parent: TopmostSpan | undefined,
  told: readonly FailureRow[],
): FailingSpan[] {
  const asked = told.slice(0, mostAsked);
  const ranked = siblings.map((span) => ({
    span,
    isNamed: span.failures.some((failure) => asked.some((above) => names(above, failure))),
    isWithin: parent === undefined || isWithin(span, parent),
  }));
  return ranked
    .toSorted(
      (a, b) =>
        Number(b.isNamed) - Number(a.isNamed) ||
        Number(b.isWithin) - Number(a.isWithin) ||
        latestFirst(a.span, b.span),
    )
    .map(({ span }) => span);
}

/** So many failures of the span above are asked, what it ended with first: it may have recorded thousands. */
const mostAsked = 4;

/** Shorter messages turn up in others by chance. */
const shortestName = 4;
/**
 * Of a longer message its beginning is looked for: V8 looks for up to 250 bytes in linear time, and of messages
 * of 8 KiB that nearly match each search took 15 ms.
 */
const longestName = 250;

/** Whether a failure repeats the message of another one. */
function names(above: FailureRow, { message }: FailureRow): boolean {
  const name = message.subarray(0, longestName);
  return name.length >= shortestName && asBuffer(above.message).includes(asBuffer(name));
}

function asBuffer({ buffer, byteOffset, byteLength }: Uint8Array): Buffer {
  return Buffer.from(buffer, byteOffset, byteLength);
}

/** So far, in nanoseconds, clocks may differ that are right: 1 s. */
const clockTolerance = 1_000_000_000n;

function isWithin({ startedAt, endedAt }: FailingSpan, parent: TopmostSpan): boolean {
  return (
    startedAt >= parent.startedAt - clockTolerance && endedAt <= parent.endedAt + clockTolerance
  );
}

function latestFirst(a: FailingSpan, b: FailingSpan): number {
  return Number(b.endedAt - a.endedAt);
}
