import { isUtf8 } from 'node:buffer';
import { EXCEPTION_ATTRIBUTES, SERVICE_ATTRIBUTES } from '../src/decode/attribute-names.ts';
import type { DecodedException, DecodedResource } from '../src/decode/decoded.ts';
import type { DecodedSpan, DecodedTraces } from '../src/decode/traces/decoded-traces.ts';
import { matters } from './full-decode.ts';

export type JsonObject = Record<string, unknown>;

/** A number, and how it was written: `JSON.parse` alone rounds what is longer than 53 bits. */
class JsonNumber {
  readonly value: number;
  readonly source: string;

  constructor(value: number, source: string) {
    this.value = value;
    this.source = source;
  }
}

const EMPTY = Buffer.alloc(0);
const HEX = /^(?:[0-9a-f]{2})*$/i;
const PLAIN_INTEGER = /^-?\d{1,20}$/;

/**
 * The simple way to the same result as the scanner of JSON: `JSON.parse`, then look. The measure of the
 * scanner, in correctness (tests) and in speed (bench). It differs in what `JSON.parse` cannot know:
 * it takes a member that is given twice, and values that nest without end. With `JSON.parse` itself as
 * `parse` it is faster, and rounds long numbers.
 */
export function fullDecodeJson(
  body: Buffer,
  runIdNames: readonly string[],
  parse: (text: string) => unknown = parseExactly,
): DecodedTraces {
  if (!isUtf8(body)) throw new TypeError('not UTF-8');
  const request = asObject(parse(body.toString('utf8')));
  const traces: DecodedTraces = { spanCount: 0, spans: [], leftOut: undefined };
  for (const resourceSpans of objectsIn(request, 'resourceSpans')) {
    const resource = asResource(resourceSpans, runIdNames);
    for (const scopeSpans of objectsIn(resourceSpans, 'scopeSpans')) {
      for (const span of objectsIn(scopeSpans, 'spans')) {
        traces.spanCount += 1;
        const result = asDecodedSpan(span, resource, runIdNames);
        if (matters(result)) traces.spans.push(result);
      }
    }
  }
  return traces;
}

export function parseExactly(text: string): unknown {
  return JSON.parse(text, (_key, value: unknown, { source = '' }: { source?: string } = {}) =>
    typeof value === 'number' ? new JsonNumber(value, source) : value,
  );
}

export function asResource(group: JsonObject, runIdNames: readonly string[]): DecodedResource {
  const sent = objectAt(group, 'resource') ?? {};
  const [namespace = EMPTY, service = EMPTY] = firstTexts(sent, SERVICE_ATTRIBUTES);
  return { namespace, service, runId: runIdOf(sent, runIdNames) };
}

function asDecodedSpan(
  span: JsonObject,
  resource: DecodedSpan['resource'],
  runIdNames: readonly string[],
): DecodedSpan {
  const status = objectAt(span, 'status') ?? {};
  const code = enumAt(status, 'code');
  return {
    resource,
    traceId: hexAt(span, 'traceId'),
    spanId: hexAt(span, 'spanId'),
    parentSpanId: hexAt(span, 'parentSpanId'),
    name: textAt(span, 'name'),
    startedAt: uint64At(span, 'startTimeUnixNano'),
    endedAt: uint64At(span, 'endTimeUnixNano'),
    status: code === 1 || code === 2 ? code : 0,
    statusMessage: textAt(status, 'message'),
    runId: runIdOf(span, runIdNames),
    exceptions: objectsIn(span, 'events')
      .filter((event) => textAt(event, 'name').toString() === 'exception')
      .map((event) => asException(event)),
    droppedEvents: uint32At(span, 'droppedEventsCount'),
  };
}

export function asException(event: JsonObject): DecodedException {
  const [type = EMPTY, message = EMPTY, stackText = EMPTY, escaped = EMPTY] = firstTexts(
    event,
    EXCEPTION_ATTRIBUTES,
  );
  return {
    time: uint64At(event, 'timeUnixNano'),
    type,
    message,
    stackText,
    escaped: /^true$/i.test(escaped.toString('latin1')),
    droppedAttributes: uint32At(event, 'droppedAttributesCount'),
  };
}

/** For each name the text of the first attribute so called. */
export function firstTexts(parent: JsonObject, names: readonly string[]): (Buffer | undefined)[] {
  const texts = textsOf(parent, names);
  return names.map((name) => texts.find(([key]) => key === name)?.[1]);
}

/** The text of the attribute whose name ranks first, among those that have any. */
export function runIdOf(parent: JsonObject, names: readonly string[]): Buffer {
  const texts = textsOf(parent, names, false).filter(([, text]) => text.length > 0);
  for (const name of names) {
    const found = texts.find(([key]) => key === name);
    if (found) return found[1];
  }
  return EMPTY;
}

function textsOf(
  parent: JsonObject,
  names: readonly string[],
  withBool = true,
): [key: string, text: Buffer][] {
  return objectsIn(parent, 'attributes')
    .map((attribute) => [textAt(attribute, 'key').toString(), attribute] as const)
    .filter(([key, attribute]) => names.includes(key) && typeof attribute['key'] === 'string')
    .map(([key, attribute]) => [key, attributeText(attribute, withBool)]);
}

/** The string of a member, or an int's decimal digits, or a bool; empty for any other kind of value. */
export function attributeText(parent: JsonObject, withBool = true, key = 'value'): Buffer {
  const value = objectAt(parent, key) ?? {};
  const text = textAt(value, 'stringValue');
  const int = value['intValue'] ?? null;
  const bool = value['boolValue'] ?? null;
  if (bool !== null && typeof bool !== 'boolean') throw new TypeError('boolValue is no bool');
  if (int !== null) return Buffer.from(String(integer(int, -(2n ** 63n), 2n ** 63n - 1n)));
  if (text.length > 0 || bool === null || !withBool) return text;
  return Buffer.from(String(bool));
}

export function objectsIn(parent: JsonObject, key: string): JsonObject[] {
  const list = parent[key] ?? [];
  if (!Array.isArray(list)) throw new TypeError(`${key} is no array`);
  return list.map(asObject);
}

export function objectAt(parent: JsonObject, key: string): JsonObject | undefined {
  const value = parent[key] ?? null;
  return value === null ? undefined : asObject(value);
}

export function asObject(value: unknown): JsonObject {
  if (
    typeof value !== 'object' ||
    value === null ||
    Array.isArray(value) ||
    value instanceof JsonNumber
  ) {
    throw new TypeError('no object');
  }
  return value as JsonObject;
}

export function textAt(parent: JsonObject, key: string): Buffer {
  const value = parent[key] ?? '';
  if (typeof value !== 'string') throw new TypeError(`${key} is no string`);
  return value === '' ? EMPTY : Buffer.from(value);
}

export function hexAt(parent: JsonObject, key: string): Buffer {
  const digits = textAt(parent, key).toString();
  if (!HEX.test(digits)) throw new TypeError(`${key} is no hex`);
  return Buffer.from(digits, 'hex');
}

function uint32At(parent: JsonObject, key: string): number {
  return Number(BigInt.asUintN(32, uint64At(parent, key)));
}

export function uint64At(parent: JsonObject, key: string): bigint {
  const value = parent[key] ?? null;
  return value === null ? 0n : integer(value, 0n, 2n ** 64n - 1n);
}

function integer(value: unknown, smallest: bigint, greatest: bigint): bigint {
  const result = asBigInt(value);
  if (result === undefined || result < smallest || result > greatest) {
    throw new TypeError('no integer of 64 bits');
  }
  return result;
}

function asBigInt(value: unknown): bigint | undefined {
  const source = value instanceof JsonNumber ? value.source : value;
  if (typeof source === 'string' && PLAIN_INTEGER.test(source)) return BigInt(source);
  const number = asNumber(value);
  return Number.isInteger(number) ? BigInt(number) : undefined;
}

function asNumber(value: unknown): number {
  const number = value instanceof JsonNumber ? value.value : value;
  return typeof number === 'number' ? number : Number.NaN;
}

export function enumAt(parent: JsonObject, key: string): number {
  const value = parent[key] ?? null;
  if (value === null) return 0;
  const number = asNumber(value);
  if (!Number.isInteger(number)) throw new TypeError(`${key} is no number`);
  return number;
}
