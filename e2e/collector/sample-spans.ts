import { randomBytes } from 'node:crypto';
import type { Span, TraceRequest } from './otlp-messages.ts';

const startNanos = 1_790_000_000_000_000_000n;

/** An unremarkable span in the middle of a trace, which `changes` make remarkable. */
export function span(name: string, changes: Partial<Span> = {}): Span {
  return {
    traceId: '5b8efff798038103d269b633813fc60c',
    spanId: randomBytes(8).toString('hex'),
    parentSpanId: 'eee19b7ec3c1b174',
    name,
    kind: 1,
    startTimeUnixNano: String(startNanos),
    endTimeUnixNano: String(startNanos + 1_000_000n),
    ...changes,
  };
}

/** A span event, an exception by default. */
export function event(
  name = 'exception',
  attributes: Readonly<Record<string, string>> = {},
): NonNullable<Span['events']>[number] {
  return {
    timeUnixNano: String(startNanos + 500_000n),
    name,
    attributes: Object.entries(attributes).map(([key, stringValue]) => ({
      key,
      value: { stringValue },
    })),
  };
}

/** A request with these spans, from one service. */
export function requestOf(spans: Span[]): TraceRequest {
  const attributes = [{ key: 'service.name', value: { stringValue: 'billing' } }];
  return {
    resourceSpans: [
      { resource: { attributes }, scopeSpans: [{ scope: { name: 'sample' }, spans }] },
    ],
  };
}
