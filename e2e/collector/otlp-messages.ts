import protobuf from 'protobufjs';

/** One attribute, as far as the tests use its types. */
interface KeyValue {
  key: string;
  value: { stringValue?: string; intValue?: number };
}

/** A span as OTLP/JSON and protobufjs both write it. Ids are lower hex; times nanoseconds. */
export interface Span {
  traceId: string;
  spanId: string;
  parentSpanId?: string;
  name: string;
  kind: number;
  startTimeUnixNano: string;
  endTimeUnixNano: string;
  attributes?: KeyValue[];
  events?: { timeUnixNano: string; name: string; attributes?: KeyValue[] }[];
  status?: { code: number; message?: string };
}

/** `ExportTraceServiceRequest` of the OTLP specification. */
export interface TraceRequest {
  resourceSpans: {
    resource: { attributes: KeyValue[] };
    scopeSpans: { scope: { name: string }; spans: Span[] }[];
  }[];
}

// The part of opentelemetry/proto/{trace,resource,common}/v1 that the tests look at, written out by
// its field numbers: the OpenTelemetry packages for JS export no decoder of requests.
const { root } = protobuf.parse(`
  syntax = "proto3";
  message TraceRequest { repeated ResourceSpans resource_spans = 1; }
  message ResourceSpans { Resource resource = 1; repeated ScopeSpans scope_spans = 2; }
  message Resource { repeated KeyValue attributes = 1; }
  message ScopeSpans { Scope scope = 1; repeated Span spans = 2; }
  message Scope { string name = 1; }
  message KeyValue { string key = 1; AnyValue value = 2; }
  message AnyValue { oneof value { string string_value = 1; int64 int_value = 3; } }
  message Span {
    bytes trace_id = 1; bytes span_id = 2; bytes parent_span_id = 4; string name = 5; int32 kind = 6;
    fixed64 start_time_unix_nano = 7; fixed64 end_time_unix_nano = 8;
    repeated KeyValue attributes = 9; repeated Event events = 11; Status status = 15;
  }
  message Event { fixed64 time_unix_nano = 1; string name = 2; repeated KeyValue attributes = 3; }
  message Status { string message = 2; int32 code = 3; }
`);
const TraceRequestType = root.lookupType('TraceRequest');

const idFields = new Set(['traceId', 'spanId', 'parentSpanId']);

/** Writes a request as protobuf. */
export function encodeTraceRequest(request: TraceRequest): Uint8Array {
  const withBytes: object = JSON.parse(JSON.stringify(request), (key, value: unknown) =>
    idFields.has(key) && typeof value === 'string' ? [...Buffer.from(value, 'hex')] : value,
  );
  return TraceRequestType.encode(TraceRequestType.fromObject(withBytes)).finish();
}

/** Reads a request from protobuf. @throws when it is none. */
export function decodeTraceRequest(body: Uint8Array): TraceRequest {
  const message = TraceRequestType.decode(body);
  const plain = TraceRequestType.toObject(message, { longs: String, bytes: Array, arrays: true });
  const withHex: TraceRequest = JSON.parse(JSON.stringify(plain), (key, value: unknown) =>
    idFields.has(key) && Array.isArray(value) ? Buffer.from(value).toString('hex') : value,
  );
  return withHex;
}

/** All spans of a request, in its order. */
export function spansOf(request: TraceRequest): Span[] {
  return request.resourceSpans.flatMap(({ scopeSpans }) =>
    scopeSpans.flatMap(({ spans }) => spans),
  );
}
