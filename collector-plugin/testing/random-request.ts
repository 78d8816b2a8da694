import type protobuf from 'protobufjs';
import { generator, type Random } from './hostile-wire.ts';

/** A value of JSON, with whole numbers of 64 bits as bigint. */
export type Json = string | number | bigint | boolean | null | Json[] | { [key: string]: Json };
export type JsonObject = { [key: string]: Json };

const keys = [
  'exception.type',
  'exception.message',
  'exception.stacktrace',
  'exception.escaped',
  'event.name',
  'run.id',
  'ran.id',
  'workflow.run.id',
  'k8s.job.uid',
  'service.name',
  'service.namespace',
  'http.route',
  'größe',
  'x'.repeat(130),
  '',
];
const texts = [
  '',
  'exception',
  'run.id',
  'Order 4711 "not" found\\',
  'line\r\n\tnext\b\f\u0000\u001f/',
  'naïve 😀 日本 \u2028 \uFFFD',
  'y'.repeat(300),
];
const eventNames = [
  'exception',
  'exception',
  'exception',
  'exceptions',
  'exceptio',
  'a.exception',
  '',
];
const numbers = [
  0n,
  1n,
  7n,
  128n,
  1_790_000_000_123_456_789n,
  2n ** 53n + 1n,
  2n ** 63n,
  2n ** 64n - 1n,
];
const ints = [0n, 1n, -1n, 4711n, 2n ** 53n + 1n, 2n ** 63n - 1n, -(2n ** 63n)];

/** A random request for export of a signal, in the form of OTLP/JSON, from a seed; nothing in it is wrong. */
export function randomRequest(seed: number, signal: 'traces' | 'logs' = 'traces'): JsonObject {
  const random = generator(seed);
  const pick = <T>(from: readonly T[]): T => from[random(from.length)] as T;
  const some = (most: number, make: () => Json): Json[] =>
    Array.from({ length: random(most + 1) }, make);
  const sometimes = (fields: () => JsonObject): JsonObject => (random(5) === 0 ? {} : fields());
  const text = () => (random(4) === 0 ? randomText(random) : pick(texts));
  const id = (bytes: number) => {
    const roll = random(10);
    if (roll === 0) return '0'.repeat(2 * bytes);
    const length = roll === 1 ? random(12) : bytes;
    return Array.from({ length }, () => random(256).toString(16).padStart(2, '0')).join('');
  };
  const value = (depth: number): Json => {
    switch (random(depth > 2 ? 5 : 7)) {
      case 0:
        return { intValue: pick(ints) };
      case 1:
        return random(2) === 0 ? { boolValue: true } : { doubleValue: 1.5 };
      case 2:
        return { bytesValue: 'AAEC' };
      case 5:
        return { arrayValue: { values: some(3, () => value(depth + 1)) } };
      case 6:
        return { kvlistValue: { values: some(2, () => ({ key: pick(keys), value: value(3) })) } };
      default:
        return { stringValue: text() };
    }
  };
  const attributes = () => ({
    attributes: some(4, () => ({
      ...sometimes(() => ({ key: pick(keys) })),
      ...sometimes(() => ({ value: value(0) })),
    })),
  });
  const event = () => ({
    ...sometimes(() => ({ timeUnixNano: pick(numbers) })),
    ...sometimes(() => ({ name: pick(eventNames) })),
    ...sometimes(attributes),
    ...sometimes(() => ({ droppedAttributesCount: random(3) })),
  });
  const span = () => ({
    ...sometimes(() => ({ traceId: id(16) })),
    ...sometimes(() => ({ spanId: id(8) })),
    ...sometimes(() => ({ parentSpanId: id(8) })),
    ...sometimes(() => ({ name: text() })),
    kind: random(6),
    ...sometimes(() => ({ startTimeUnixNano: pick(numbers) })),
    ...sometimes(() => ({ endTimeUnixNano: pick(numbers) })),
    ...sometimes(attributes),
    ...sometimes(() => ({ events: some(3, event) })),
    ...sometimes(() => ({ droppedEventsCount: random(3) })),
    ...sometimes(() => ({
      status: {
        ...sometimes(() => ({ code: random(4) })),
        ...sometimes(() => ({ message: text() })),
      },
    })),
  });
  const logRecord = () => ({
    ...sometimes(() => ({ timeUnixNano: pick(numbers) })),
    ...sometimes(() => ({ observedTimeUnixNano: pick(numbers) })),
    ...sometimes(() => ({ severityNumber: random(25) })),
    ...sometimes(() => ({ severityText: text() })),
    ...sometimes(() => ({ body: value(0) })),
    ...sometimes(attributes),
    ...sometimes(() => ({ droppedAttributesCount: random(3) })),
    ...sometimes(() => ({ traceId: id(16) })),
    ...sometimes(() => ({ spanId: id(8) })),
    ...(random(3) === 0 && { eventName: pick(eventNames) }),
  });
  const resourceGroup = (scopeGroups: string, items: string, item: () => Json) => () => ({
    ...sometimes(() => ({ resource: sometimes(attributes) })),
    ...sometimes(() => ({
      [scopeGroups]: some(2, () => ({
        scope: { name: text(), ...attributes() },
        ...sometimes(() => ({ [items]: some(3, item) })),
      })),
    })),
    schemaUrl: '',
  });
  return sometimes(() =>
    signal === 'traces'
      ? { resourceSpans: some(3, resourceGroup('scopeSpans', 'spans', span)) }
      : { resourceLogs: some(3, resourceGroup('scopeLogs', 'logRecords', logRecord)) },
  );
}

function randomText(random: Random): string {
  const bounds = [0x80, 0x800, 0xd800, 0x10ffff];
  const codePoints = Array.from({ length: random(40) }, () => random(bounds[random(4)] ?? 1));
  // A surrogate is no character of its own.
  return String.fromCodePoint(...codePoints).replace(/\p{Cs}/gu, '\u{10000}');
}

const ids: ReadonlySet<string> = new Set(['traceId', 'spanId', 'parentSpanId']);

/** A request in both encodings. */
export function encodeOtlp(
  request: protobuf.Type,
  message: JsonObject,
): { json: Buffer; wire: Buffer } {
  const json = JSON.stringify(message, (_, value: unknown) =>
    typeof value === 'bigint' ? String(value) : value,
  );
  return { json: Buffer.from(json), wire: encode(request, message) };
}

/** The protobuf body that says what OTLP/JSON says. */
function encode(request: protobuf.Type, message: Json): Buffer {
  const convert = (value: Json, key: string): unknown => {
    if (typeof value === 'bigint') return String(value);
    if (typeof value === 'string') {
      return Buffer.from(value, ids.has(key) ? 'hex' : key === 'bytesValue' ? 'base64' : 'utf8');
    }
    if (Array.isArray(value)) return value.map((item) => convert(item, key));
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(
      Object.entries(value).map(([name, member]) => [
        name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`),
        convert(member, name),
      ]),
    );
  };
  const fields = convert(message, '') as Record<string, unknown>;
  return Buffer.from(request.encode(request.fromObject(fields)).finish());
}
