import type protobuf from 'protobufjs';
import { EXCEPTION_ATTRIBUTES, SERVICE_ATTRIBUTES } from '../src/decode/attribute-names.ts';
import type { DecodedException, DecodedResource } from '../src/decode/decoded.ts';
import type { DecodedSpan, DecodedTraces } from '../src/decode/traces/decoded-traces.ts';

export interface AnyValue {
  value?: string;
  bool_value?: boolean;
  string_value?: Buffer;
  int_value?: { toString(): string };
}
interface KeyValue {
  key?: Buffer;
  value?: AnyValue;
}
export interface Attributed {
  attributes?: KeyValue[];
}
interface Event extends Attributed {
  name?: Buffer;
  time_unix_nano?: { toString(): string };
  dropped_attributes_count?: number;
}
interface Span extends Attributed {
  trace_id?: Buffer;
  span_id?: Buffer;
  parent_span_id?: Buffer;
  name?: Buffer;
  start_time_unix_nano?: { toString(): string };
  end_time_unix_nano?: { toString(): string };
  events?: Event[];
  dropped_events_count?: number;
  status?: { code?: number; message?: Buffer };
}
interface Request {
  resource_spans?: { resource?: Attributed | null; scope_spans?: { spans?: Span[] }[] }[];
}

const EMPTY = Buffer.alloc(0);

/**
 * The simple way to the same result as the scanner: decode every message into objects, then look.
 * The measure of the scanner, in correctness (tests) and in speed (bench).
 */
export function fullDecode(
  request: protobuf.Type,
  body: Buffer,
  runIdNames: readonly string[],
): DecodedTraces {
  const decoded = request.decode(body) as unknown as Request;
  const traces: DecodedTraces = { spanCount: 0, spans: [], leftOut: undefined };
  for (const { resource: sent, scope_spans = [] } of decoded.resource_spans ?? []) {
    const resource = asResource(sent ?? {}, runIdNames);
    for (const { spans = [] } of scope_spans) {
      for (const span of spans) {
        traces.spanCount += 1;
        const result = asDecodedSpan(span, resource, runIdNames);
        if (matters(result)) traces.spans.push(result);
      }
    }
  }
  return traces;
}

export function asResource(sent: Attributed, runIdNames: readonly string[]): DecodedResource {
  const [namespace = EMPTY, service = EMPTY] = SERVICE_ATTRIBUTES.map((name) => textOf(sent, name));
  return { namespace, service, runId: runIdOf(sent, runIdNames) };
}

/** Which spans the scanner has to keep when it is asked to keep what matters, in plain words. */
export function matters(span: DecodedSpan): boolean {
  const { exceptions, status, runId, parentSpanId, resource } = span;
  const isRoot = parentSpanId.length !== 8 || parentSpanId.every((byte) => byte === 0);
  return (
    exceptions.length > 0 ||
    runId.length > 0 ||
    (isRoot && (status === 2 || resource.runId.length > 0))
  );
}

function asDecodedSpan(
  span: Span,
  resource: DecodedSpan['resource'],
  runIdNames: readonly string[],
): DecodedSpan {
  const code = span.status?.code ?? 0;
  return {
    resource,
    traceId: present(span.trace_id),
    spanId: present(span.span_id),
    parentSpanId: present(span.parent_span_id),
    name: present(span.name),
    startedAt: BigInt(String(span.start_time_unix_nano ?? 0)),
    endedAt: BigInt(String(span.end_time_unix_nano ?? 0)),
    status: code === 1 || code === 2 ? code : 0,
    statusMessage: present(span.status?.message),
    runId: runIdOf(span, runIdNames),
    exceptions: (span.events ?? [])
      .filter(({ name }) => String(name) === 'exception')
      .map(asException),
    droppedEvents: span.dropped_events_count ?? 0,
  };
}

export function asException(
  event: Attributed & {
    time_unix_nano?: { toString(): string };
    dropped_attributes_count?: number;
  },
): DecodedException {
  const [type = EMPTY, message = EMPTY, stackText = EMPTY, escaped = EMPTY] =
    EXCEPTION_ATTRIBUTES.map((name) => textOf(event, name));
  return {
    time: BigInt(String(event.time_unix_nano ?? 0)),
    type,
    message,
    stackText,
    escaped: /^true$/i.test(escaped.toString('latin1')),
    droppedAttributes: event.dropped_attributes_count ?? 0,
  };
}

export function textOf({ attributes = [] }: Attributed, name: string): Buffer {
  const found = attributes.find(({ key }) => String(key ?? '') === name);
  return found ? anyText(found.value) : EMPTY;
}

export function runIdOf({ attributes = [] }: Attributed, names: readonly string[]): Buffer {
  for (const name of names) {
    for (const { key, value } of attributes) {
      const isText = value?.value !== 'bool_value' && String(key ?? '') === name;
      const text = isText ? anyText(value) : EMPTY;
      if (text.length > 0) return text;
    }
  }
  return EMPTY;
}

/** An absent bytes field reads as an empty array, not as a Buffer. */
export function present(bytes: Buffer | undefined): Buffer {
  return bytes && bytes.length > 0 ? bytes : EMPTY;
}

export function anyText(value: AnyValue | undefined): Buffer {
  if (value?.value === 'string_value') return present(value.string_value);
  if (value?.value === 'int_value') return Buffer.from(String(value.int_value));
  if (value?.value === 'bool_value') return Buffer.from(String(value.bool_value));
  return EMPTY;
}
