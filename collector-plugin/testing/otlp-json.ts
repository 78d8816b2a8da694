import type protobuf from 'protobufjs';

const ids: ReadonlySet<string> = new Set(['trace_id', 'span_id', 'parent_span_id']);
const base64: ReadonlySet<string> = new Set(['bytes_value']);

/**
 * The OTLP/JSON of a protobuf body, made by the book from a full decode: names in lowerCamelCase, ids in
 * hex, numbers of 64 bits as strings. Its strings must be UTF-8.
 */
export function asOtlpJson(request: protobuf.Type, body: Buffer): unknown {
  return convert(request.toObject(request.decode(body), { longs: String }), '');
}

function convert(value: unknown, field: string): unknown {
  if (Buffer.isBuffer(value)) {
    return value.toString(ids.has(field) ? 'hex' : base64.has(field) ? 'base64' : 'utf8');
  }
  if (Array.isArray(value)) return value.map((item) => convert(item, field));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, member]) => [
      name.replace(/_(.)/g, (_, letter: string) => letter.toUpperCase()),
      convert(member, name),
    ]),
  );
}
