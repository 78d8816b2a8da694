import { isUtf8 } from 'node:buffer';
import { MalformedBodyError } from '../errors.ts';
import {
  attributeNames,
  EXCEPTION_ATTRIBUTES,
  SERVICE_ATTRIBUTES,
  type AttributeNames,
} from './attribute-names.ts';
import type {
  DecodedException,
  DecodedResource,
  DecodedSpan,
  DecodedTraces,
} from './decoded-span.ts';
import { asSpanStatusCode, STATUS_ERROR, type SpanStatusCode } from './span-status.ts';

/*
 * The JSON encoding of https://opentelemetry.io/docs/specs/otlp/#json-protobuf-encoding: field names
 * in lowerCamelCase, ids in hex, 64-bit numbers as strings or numbers, enums as numbers, unknown
 * fields passed over, null as good as absent.
 */
type JsonObject = Record<string, unknown>;

const EMPTY = Buffer.alloc(0);
const HEX = /^(?:[0-9a-f]{2})*$/i;
const MAX_UINT64 = 2n ** 64n - 1n;

const serviceAttributes = attributeNames(SERVICE_ATTRIBUTES);
const exceptionAttributes = attributeNames(EXCEPTION_ATTRIBUTES);

/**
 * Decodes the JSON body of `POST /v1/traces`, an ExportTraceServiceRequest, into the same result as
 * the protobuf body that says the same.
 *
 * @throws MalformedBodyError where the body is not such a message, with the path of what is wrong.
 */
export function decodeTracesJson(body: Buffer, runIdNames: AttributeNames): DecodedTraces {
  const request = asObject(parse(body), 'the body');
  const traces: DecodedTraces = { spanCount: 0, spans: [] };
  for (const [resourceSpans, path] of objectsIn(request, 'resourceSpans', '')) {
    const resource = readResource(resourceSpans, path, runIdNames);
    for (const [scopeSpans, scopePath] of objectsIn(resourceSpans, 'scopeSpans', path)) {
      for (const [json, spanPath] of objectsIn(scopeSpans, 'spans', scopePath)) {
        traces.spanCount += 1;
        const span = readSpan(json, spanPath, resource, runIdNames);
        if (matters(span)) traces.spans.push(span);
      }
    }
  }
  return traces;
}

function matters({ exceptions, status, runId, parentSpanId, resource }: DecodedSpan): boolean {
  const isRoot = parentSpanId.every((byte) => byte === 0);
  return (
    exceptions.length > 0 ||
    status === STATUS_ERROR ||
    runId.length > 0 ||
    (isRoot && resource.runId.length > 0)
  );
}

function parse(body: Buffer): unknown {
  if (!isUtf8(body)) throw new MalformedBodyError('The body is not JSON: it is not UTF-8.');
  try {
    return JSON.parse(body.toString('utf8'));
  } catch (cause) {
    throw new MalformedBodyError(`The body is not JSON: ${(cause as Error).message}.`, { cause });
  }
}

function readResource(
  resourceSpans: JsonObject,
  path: string,
  runIdNames: AttributeNames,
): DecodedResource {
  const resource = objectAt(resourceSpans, 'resource', path);
  const attributes = resource ? [...objectsIn(resource, 'attributes', `${path}.resource`)] : [];
  const [namespace = EMPTY, service = EMPTY] = textsOf(attributes, serviceAttributes);
  return { namespace, service, runId: firstText(attributes, runIdNames) };
}

function readSpan(
  span: JsonObject,
  path: string,
  resource: DecodedResource,
  runIdNames: AttributeNames,
): DecodedSpan {
  const status = objectAt(span, 'status', path);
  return {
    resource,
    traceId: hexAt(span, 'traceId', path),
    spanId: hexAt(span, 'spanId', path),
    parentSpanId: hexAt(span, 'parentSpanId', path),
    name: textAt(span, 'name', path),
    startedAt: uint64At(span, 'startTimeUnixNano', path),
    endedAt: uint64At(span, 'endTimeUnixNano', path),
    status: status ? statusCodeAt(status, `${path}.status`) : 0,
    statusMessage: status ? textAt(status, 'message', `${path}.status`) : EMPTY,
    runId: firstText([...objectsIn(span, 'attributes', path)], runIdNames),
    exceptions: [...objectsIn(span, 'events', path)]
      .filter(([event]) => event['name'] === 'exception')
      .map(([event, eventPath]) => readException(event, eventPath)),
  };
}

function readException(event: JsonObject, path: string): DecodedException {
  const attributes = [...objectsIn(event, 'attributes', path)];
  const [type = EMPTY, message = EMPTY, stackText = EMPTY] = textsOf(
    attributes,
    exceptionAttributes,
  );
  return { time: uint64At(event, 'timeUnixNano', path), type, message, stackText };
}

type Located = [value: JsonObject, path: string];

/** For each name the text of the first attribute so called. */
function textsOf(attributes: Located[], { names }: AttributeNames): (Buffer | undefined)[] {
  return names.map((name) => {
    const found = attributes.find(([attribute]) => attribute['key'] === name);
    return found && attributeText(...found);
  });
}

/** The text of the attribute whose name ranks first, among those that have any. */
function firstText(attributes: Located[], { names }: AttributeNames): Buffer {
  for (const name of names) {
    for (const [attribute, path] of attributes) {
      if (attribute['key'] !== name) continue;
      const text = attributeText(attribute, path);
      if (text.length > 0) return text;
    }
  }
  return EMPTY;
}

/** The string, or an int's decimal digits; empty for any other kind of value. */
function attributeText(attribute: JsonObject, path: string): Buffer {
  const value = objectAt(attribute, 'value', path);
  if (!value) return EMPTY;
  const int = value['intValue'];
  if (int === undefined || int === null) return textAt(value, 'stringValue', `${path}.value`);
  if ((typeof int === 'string' && /^-?\d{1,19}$/.test(int)) || Number.isInteger(int)) {
    return Buffer.from(String(BigInt(int as string | number)));
  }
  throw wrong(`${path}.value.intValue`, 'a whole number, or one in a string');
}

function* objectsIn(parent: JsonObject, key: string, path: string): Generator<Located> {
  const list = parent[key];
  if (list === undefined || list === null) return;
  const listPath = path ? `${path}.${key}` : key;
  if (!Array.isArray(list)) throw wrong(listPath, 'an array');
  for (const [index, item] of list.entries()) {
    const itemPath = `${listPath}[${index}]`;
    yield [asObject(item, itemPath), itemPath];
  }
}

function objectAt(parent: JsonObject, key: string, path: string): JsonObject | undefined {
  const value = parent[key];
  return value === undefined || value === null ? undefined : asObject(value, `${path}.${key}`);
}

function asObject(value: unknown, path: string): JsonObject {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw wrong(path, 'an object');
  }
  return value as JsonObject;
}

function textAt(parent: JsonObject, key: string, path: string): Buffer {
  const value = parent[key] ?? '';
  if (typeof value !== 'string') throw wrong(`${path}.${key}`, 'a string');
  return value === '' ? EMPTY : Buffer.from(value);
}

function hexAt(parent: JsonObject, key: string, path: string): Buffer {
  const value = parent[key] ?? '';
  if (typeof value !== 'string' || !HEX.test(value)) {
    throw wrong(`${path}.${key}`, 'a string of hex digits');
  }
  return value === '' ? EMPTY : Buffer.from(value, 'hex');
}

function uint64At(parent: JsonObject, key: string, path: string): bigint {
  const value = parent[key] ?? 0;
  if (typeof value === 'string' && /^\d{1,20}$/.test(value) && BigInt(value) <= MAX_UINT64) {
    return BigInt(value);
  }
  if (typeof value === 'number' && Number.isInteger(value) && value >= 0 && value < 2 ** 64) {
    return BigInt(value);
  }
  throw wrong(`${path}.${key}`, 'an unsigned number of 64 bits, or one in a string');
}

function statusCodeAt(status: JsonObject, path: string): SpanStatusCode {
  const code = status['code'] ?? 0;
  if (typeof code !== 'number' || !Number.isInteger(code)) {
    throw wrong(`${path}.code`, 'a number (an enum is never its name in OTLP/JSON)');
  }
  return asSpanStatusCode(code);
}

function wrong(path: string, expected: string): MalformedBodyError {
  return new MalformedBodyError(
    `The body is not an OTLP JSON message: ${path} must be ${expected}.`,
  );
}
