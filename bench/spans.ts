import { randomBytes, randomUUID } from 'node:crypto';
import type protobuf from 'protobufjs';

/** What a batch of the bench looks like. */
export interface BatchShape {
  spans: number;
  /** One span in so many carries an exception. */
  oneFailingIn: number;
  /** Each span is the root of a run with an id of its own, a UUID. */
  namesRuns?: boolean;
}

/** The batch that the figures are about: what a busy Collector sends, one span in a hundred failing. */
export const usualBatch: BatchShape = { spans: 8_192, oneFailingIn: 100 };

const FRAMES = Array.from(
  { length: 40 },
  (_, index) =>
    `    at handle${index} (/srv/app/node_modules/some-package/dist/lib/module-${index}.js:${index * 13 + 1}:17)`,
).join('\n');
const START = 1_790_000_000_000_000_000n;

/**
 * An ExportTraceServiceRequest of HTTP server spans with ten attributes each, encoded by protobufjs.
 * Ids are random, so that no two batches hold the same failures; stacks differ in their message.
 */
export function encodeBatch(request: protobuf.Type, shape: BatchShape): Buffer {
  const scopes = [];
  for (let first = 0; first < shape.spans; first += 128) {
    const count = Math.min(128, shape.spans - first);
    scopes.push({
      scope: { name: Buffer.from('@opentelemetry/instrumentation-http') },
      spans: Array.from({ length: count }, (_, index) => span(first + index, shape)),
    });
  }
  const resource = {
    attributes: [
      attribute('service.name', 'orders'),
      attribute('service.namespace', 'shop'),
      attribute('host.name', 'orders-7c9f'),
    ],
  };
  return Buffer.from(
    request.encode({ resource_spans: [{ resource, scope_spans: scopes }] }).finish(),
  );
}

function span(index: number, { oneFailingIn, namesRuns = false }: BatchShape): object {
  const failing = index % oneFailingIn === oneFailingIn >> 1;
  const startedAt = START + BigInt(index) * 1_000_000n;
  return {
    trace_id: randomBytes(16),
    span_id: randomBytes(8),
    ...(!namesRuns && { parent_span_id: randomBytes(8) }),
    name: Buffer.from('GET /api/orders/:id'),
    kind: 2,
    start_time_unix_nano: String(startedAt),
    end_time_unix_nano: String(startedAt + 5_000_000n),
    attributes: [
      attribute('http.request.method', 'GET'),
      attribute('url.path', `/api/orders/${index}`),
      attribute('url.scheme', 'https'),
      attribute('server.address', 'orders.internal'),
      { key: Buffer.from('server.port'), value: { int_value: 8443 } },
      { key: Buffer.from('http.response.status_code'), value: { int_value: failing ? 500 : 200 } },
      attribute('user_agent.original', 'Mozilla/5.0 (X11; Linux x86_64)'),
      attribute('network.protocol.version', '1.1'),
      attribute('http.route', '/api/orders/:id'),
      attribute('client.address', `10.0.${index >> 8}.${index & 255}`),
      ...(namesRuns ? [attribute('run.id', randomUUID())] : []),
    ],
    events: failing ? [exception(index, startedAt)] : [],
    status: failing ? { code: 2 } : {},
    flags: 257,
  };
}

function exception(index: number, time: bigint): object {
  const [type, message] = ['OrderNotFoundError', `Order ${index} not found`];
  return exceptionEvent(time, { type, message, stackText: `${type}: ${message}\n${FRAMES}` });
}

/** The event of a recorded exception, for protobufjs. */
export function exceptionEvent(
  time: bigint,
  { type, message, stackText }: Record<'type' | 'message' | 'stackText', string>,
): object {
  return {
    time_unix_nano: String(time),
    name: Buffer.from('exception'),
    attributes: [
      attribute('exception.type', type),
      attribute('exception.message', message),
      attribute('exception.stacktrace', stackText),
    ],
  };
}

/** An attribute of text, for protobufjs. */
export function attribute(key: string, value: string): object {
  return { key: Buffer.from(key), value: { string_value: Buffer.from(value) } };
}
