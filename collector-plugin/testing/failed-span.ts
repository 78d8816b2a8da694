import { randomBytes } from 'node:crypto';

/** OTLP/JSON of one span that failed with an exception, and where to look for it. */
export function failedSpan({
  message = 'Order 4711 not found',
  namespace = 'shop',
}: { message?: string; namespace?: string } = {}): { traceId: string; body: string } {
  const traceId = randomBytes(16).toString('hex');
  const text = (key: string, stringValue: string) => ({ key, value: { stringValue } });
  const span = {
    traceId,
    spanId: randomBytes(8).toString('hex'),
    name: 'place order',
    status: { code: 2 },
    events: [
      {
        name: 'exception',
        attributes: [text('exception.type', 'OrderError'), text('exception.message', message)],
      },
    ],
  };
  const resource = { attributes: [text('service.namespace', namespace)] };
  return {
    traceId,
    body: JSON.stringify({ resourceSpans: [{ resource, scopeSpans: [{ spans: [span] }] }] }),
  };
}
