import { gzipSync, zstdCompressSync } from 'node:zlib';
import { otlpMessages } from '../../../collector-plugin/testing/otlp-messages.ts';
import { failureOf, NAMESPACE, type SentFailure, type Series } from './failures.ts';

/** Failures that travel together: those from `first` on. */
export interface Batch {
  first: number;
  count: number;
}

/** The body of an OTLP request, with the headers that say how it is packed. */
export interface Body {
  headers: Readonly<Record<string, string>>;
  bytes: Buffer;
}

const { request } = otlpMessages();
const LEVEL = { level: 1 };

/** The ways in which bodies take turns: what SDKs and Collectors send. */
const ways = [
  { type: 'application/x-protobuf', encode: asProtobuf, coding: 'gzip', pack: asGzip },
  { type: 'application/json', encode: asJson, coding: 'gzip', pack: asGzip },
  { type: 'application/x-protobuf', encode: asProtobuf, coding: 'zstd', pack: asZstd },
  { type: 'application/json', encode: asJson, coding: undefined, pack: asItIs },
] as const;

/**
 * The body of a batch: the same each time, so that what is sent again is what was sent.
 *
 * @param ballastBytes so much of spans that failtrace has no use for travels with it, as it is
 */
export function bodyOf(series: Series, { first, count }: Batch, ballastBytes = 0): Body {
  if (ballastBytes > 0) return withBallast(series, { first, count }, ballastBytes);
  const { type, encode, coding, pack } = ways[first % ways.length] ?? ways[0];
  return {
    headers: { 'content-type': type, ...(coding && { 'content-encoding': coding }) },
    bytes: pack(encode(failuresOf(series, { first, count }))),
  };
}

/** Nothing is packed here: whoever sends must be quicker than who takes. */
function withBallast(series: Series, batch: Batch, ballastBytes: number): Body {
  const failures = asJson(failuresOf(series, batch)).subarray(0, -']}'.length);
  return {
    headers: { 'content-type': 'application/json' },
    bytes: Buffer.concat([failures, Buffer.from(','), ballastOf(ballastBytes), Buffer.from(']}')]),
  };
}

const ballasts = new Map<number, Buffer>();

function ballastOf(bytes: number): Buffer {
  const known = ballasts.get(bytes);
  if (known) return known;
  const span = JSON.stringify({
    traceId: '5b8efff798038103d269b633813fc60c',
    spanId: 'eee19b7ec3c1b174',
    parentSpanId: 'eee19b7ec3c1b173',
    name: 'GET /api/orders/:id',
    attributes: [{ key: 'http.route', value: { stringValue: '/api/orders/:id' } }],
  });
  const spans = Array.from({ length: Math.ceil(bytes / span.length) }, () => span).join(',');
  const made = Buffer.from(`{"resource":{},"scopeSpans":[{"spans":[${spans}]}]}`);
  ballasts.set(bytes, made);
  return made;
}

function failuresOf(series: Series, { first, count }: Batch): SentFailure[] {
  return Array.from({ length: count }, (_, index) => failureOf(series, first + index));
}

function asGzip(plain: Buffer): Buffer {
  return gzipSync(plain, LEVEL);
}

function asZstd(plain: Buffer): Buffer {
  return zstdCompressSync(plain);
}

function asItIs(plain: Buffer): Buffer {
  return plain;
}

function asJson(failures: readonly SentFailure[]): Buffer {
  const text = (key: string, stringValue: string) => ({ key, value: { stringValue } });
  const resourceSpans = [...Map.groupBy(failures, ({ service }) => service)].map(
    ([service, ofService]) => ({
      resource: {
        attributes: [text('service.name', service), text('service.namespace', NAMESPACE)],
      },
      scopeSpans: [
        {
          scope: { name: 'reliability' },
          spans: ofService.map((failure) => ({
            traceId: failure.traceId,
            spanId: failure.spanId,
            name: 'place order',
            kind: 1,
            startTimeUnixNano: nanoseconds(failure.endedAtMs - 5),
            endTimeUnixNano: nanoseconds(failure.endedAtMs),
            attributes: [text('run.id', failure.runId)],
            status: { code: 2 },
            events: [
              {
                timeUnixNano: nanoseconds(failure.endedAtMs),
                name: 'exception',
                attributes: [
                  text('exception.type', failure.errorType),
                  text('exception.message', failure.message),
                  text('exception.stacktrace', failure.stackText),
                ],
              },
            ],
          })),
        },
      ],
    }),
  );
  return Buffer.from(JSON.stringify({ resourceSpans }));
}

function asProtobuf(failures: readonly SentFailure[]): Buffer {
  const text = (key: string, value: string) => ({
    key: Buffer.from(key),
    value: { string_value: Buffer.from(value) },
  });
  const resource_spans = [...Map.groupBy(failures, ({ service }) => service)].map(
    ([service, ofService]) => ({
      resource: {
        attributes: [text('service.name', service), text('service.namespace', NAMESPACE)],
      },
      scope_spans: [
        {
          scope: { name: Buffer.from('reliability') },
          spans: ofService.map((failure) => ({
            trace_id: Buffer.from(failure.traceId, 'hex'),
            span_id: Buffer.from(failure.spanId, 'hex'),
            name: Buffer.from('place order'),
            kind: 1,
            start_time_unix_nano: nanoseconds(failure.endedAtMs - 5),
            end_time_unix_nano: nanoseconds(failure.endedAtMs),
            attributes: [text('run.id', failure.runId)],
            status: { code: 2 },
            events: [
              {
                time_unix_nano: nanoseconds(failure.endedAtMs),
                name: Buffer.from('exception'),
                attributes: [
                  text('exception.type', failure.errorType),
                  text('exception.message', failure.message),
                  text('exception.stacktrace', failure.stackText),
                ],
              },
            ],
          })),
        },
      ],
    }),
  );
  return Buffer.from(request.encode({ resource_spans }).finish());
}

function nanoseconds(ms: number): string {
  return String(BigInt(ms) * 1_000_000n);
}
