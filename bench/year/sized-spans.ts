import { randomBytes } from 'node:crypto';
import type protobuf from 'protobufjs';
import { attribute, exceptionEvent } from '../spans.ts';
import { messageOf, services, stackTexts } from './vocabulary.ts';

/** Where the order's number stands, besides the message, and what names the run. */
export interface SpanShape {
  what: string;
  hasRunId: boolean;
  hasCause: boolean;
}

const STACKS = 30;
/** Most orders do not fail, so the numbers of those that do have gaps. */
const ORDERS_A_FAILURE = 40;

/** An ExportTraceServiceRequest of failed root spans that end one after another, encoded by protobufjs. */
export function encodeFailedSpans(
  request: protobuf.Type,
  shape: SpanShape,
  {
    first,
    count,
    firstEndMs,
    stepMs,
  }: { first: number; count: number; firstEndMs: number; stepMs: number },
): Buffer {
  const stacks = stackTexts(STACKS);
  const resources = Array.from({ length: 4 }, (_, service) => ({
    resource: {
      attributes: [
        attribute('service.name', services[service] ?? ''),
        attribute('service.namespace', 'shop'),
        attribute('service.version', '1.4.2'),
        attribute('host.name', `${services[service]}-7c9f`),
        attribute('telemetry.sdk.language', 'nodejs'),
      ],
    },
    scope_spans: [{ scope: { name: Buffer.from('orders') }, spans: [] as object[] }],
  }));
  for (let index = 0; index < count; index += 1) {
    const random = randomBytes(48);
    const stack = stacks[random.readUInt32LE(36) % STACKS];
    const of = resources[random.readUInt32LE(32) % resources.length]?.scope_spans[0]?.spans;
    const order = (first + index) * ORDERS_A_FAILURE + (random.readUInt32LE(40) % ORDERS_A_FAILURE);
    const endMs = firstEndMs + index * stepMs;
    if (stack) of?.push(failedSpan({ random, order, endMs }, stack, shape));
  }
  return Buffer.from(request.encode({ resource_spans: resources }).finish());
}

function failedSpan(
  { random, order, endMs }: { random: Buffer; order: number; endMs: number },
  stack: ReturnType<typeof stackTexts>[number],
  { hasRunId, hasCause }: SpanShape,
): object {
  const endedAt =
    BigInt(Math.floor(endMs)) * 1_000_000n + BigInt(random.readUInt32LE(24) % 1_000_000);
  const message = messageOf(order);
  const cause = hasCause
    ? `\nCaused by: CarrierError: no slot for ${10_000_000 + order}\n    at book (carrier.js:7:1)`
    : '';
  return {
    trace_id: random.subarray(0, 16),
    span_id: random.subarray(16, 24),
    name: Buffer.from('place order'),
    kind: 2,
    start_time_unix_nano: String(endedAt - BigInt(random.readUInt32LE(28) % 10_000_000) * 1_000n),
    end_time_unix_nano: String(endedAt),
    attributes: [
      ...(hasRunId ? [attribute('run.id', uuid())] : []),
      attribute('http.request.method', 'POST'),
      attribute('http.route', '/api/orders'),
      attribute('server.address', 'orders.internal'),
      { key: Buffer.from('http.response.status_code'), value: { int_value: 500 } },
    ],
    events: [
      exceptionEvent(endedAt - BigInt(random.readUInt32LE(44) % 2_000_000), {
        type: stack.type.toString(),
        message,
        stackText: `${String(stack.beforeMessage)}${message}${String(stack.afterMessage)}${cause}`,
      }),
    ],
    status: { code: 2, message: Buffer.from(message) },
  };
}

function uuid(): string {
  return randomBytes(16)
    .toString('hex')
    .replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
}
