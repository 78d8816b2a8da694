import type { MessageEncoding } from '../src/decode/decoders.ts';

/** A body that is made to cost as much as it can. */
export interface WorstBody {
  name: string;
  encoding: MessageEncoding;
  make: (bytes: number) => Buffer;
}

/** An item as often as it fits, between a beginning and an end. */
function filled(bytes: number, [before, item, after]: JsonParts): Buffer {
  const room = bytes - before.length - after.length;
  const times = Math.max(1, Math.floor(room / (item.length + 1)));
  return Buffer.from(`${before}${`${item},`.repeat(times - 1)}${item}${after}`);
}

type JsonParts = readonly [before: string, item: string, after: string];

const scopes: JsonParts = ['{"resourceSpans":[{"scopeSpans":[', '', ']}]}'];
const spans: JsonParts = [`${scopes[0]}{"spans":[`, '', `]}${scopes[2]}`];
const ids = '"traceId":"0af7651916cd43dd8448eb211c80319c","spanId":"b7ad6b7169203331"';
const exception = '{"name":"exception"}';

/** In a span of its own, which is kept when `kept` says why. */
function inSpan(before: string, item: string, after: string, kept = ''): JsonParts {
  return [`${spans[0]}{${ids}${kept},${before}`, item, `${after}}${spans[2]}`];
}
const failed = `,"events":[${exception}]`;
const runId = '{"key":"run.id","value":{"stringValue":"r"}}';

const jsonParts: Record<string, JsonParts> = {
  'empty resourceSpans': ['{"resourceSpans":[', '{}', ']}'],
  'empty scopeSpans': [scopes[0], '{}', scopes[2]],
  'empty spans': [spans[0], '{}', spans[2]],
  'spans that name a run': [spans[0], `{${ids},"attributes":[${runId}]}`, spans[2]],
  'spans of resources that name a run': [
    '{"resourceSpans":[',
    `{"resource":{"attributes":[${runId}]},"scopeSpans":[{"spans":[{${ids}}]}]}`,
    ']}',
  ],
  'the resource behind its spans': [
    spans[0],
    `{${ids}}`,
    `]}],"resource":{"attributes":[${runId}]}}]}`,
  ],
  'empty attributes': inSpan('"attributes":[', '{}', ']'),
  'empty attributes of a kept span': inSpan('"attributes":[', '{}', ']', failed),
  'empty attributes of a resource': [
    '{"resourceSpans":[{"resource":{"attributes":[',
    '{}',
    ']},"scopeSpans":[{"spans":[{}]}]}]}',
  ],
  'attributes that name a run': inSpan('"attributes":[', runId, ']'),
  'attributes that name a run by a number': inSpan(
    '"attributes":[',
    '{"key":"run.id","value":{"intValue":1e1}}',
    ']',
  ),
  'attributes with escaped keys': inSpan(
    '"attributes":[',
    String.raw`{"k\u0065y":"run\u002eid"}`,
    ']',
  ),
  'empty events': inSpan('"events":[', '{}', ']'),
  exceptions: inSpan('"events":[', exception, ']'),
  'attributes of an exception': inSpan('"events":[{"name":"exception","attributes":[', '{}', ']}]'),
  'unknown fields': [`${spans[0]}{${ids}${failed},`, '"a":0', `}${spans[2]}`],
  'nested arrays': inSpan('"attributes":[{"value":{"arrayValue":{"values":[', '[[],[]]', ']}}}]'),
  'nested lists of a kept span': inSpan(
    '"attributes":[{"value":{"kvlistValue":{"values":[',
    '{"key":"a"}',
    ']}}}]',
    failed,
  ),
  numbers: inSpan('"a":[', '1e9', ']'),
  words: inSpan('"a":[', 'true', ']', failed),
};

const longTexts: Record<string, (length: number) => string> = {
  'a long stack text': (length) => 'x'.repeat(length),
  'a stack text of escapes': (length) => String.raw`\n`.repeat(length / 2),
  'a stack text of long escapes': (length) => String.raw`\u00e9`.repeat(length / 6),
  'a stack text of surrogates': (length) => String.raw`\ud83d\ude00`.repeat(length / 12),
};

function jsonText(bytes: number, text: (length: number) => string): Buffer {
  const [before, , after] = inSpan(
    '"events":[{"name":"exception","attributes":[{"key":"exception.stacktrace","value":{"stringValue":"',
    '',
    '"}}]}]',
  );
  return Buffer.from(`${before}${text(bytes - before.length - after.length)}${after}`);
}

/** A field of protobuf with a length. */
function field(number: number, content: Buffer | string): Buffer {
  const bytes = Buffer.from(content);
  const length: number[] = [];
  let rest = bytes.length;
  for (; rest >= 128; rest >>= 7) length.push((rest & 127) | 128);
  return Buffer.concat([Buffer.from([(number << 3) | 2, ...length, rest]), bytes]);
}

const wireIds = Buffer.concat([field(1, Buffer.alloc(16, 1)), field(2, Buffer.alloc(8, 1))]);
const wireException = field(11, field(2, 'exception'));
const wireRunId = Buffer.concat([field(1, 'run.id'), field(2, field(1, 'r'))]);
const inRequest = (scopeSpans: Buffer) => field(1, field(2, scopeSpans));
const inWireSpan = (fields: Buffer) => inRequest(field(2, Buffer.concat([wireIds, fields])));
const inKeptSpan = (fields: Buffer) => inWireSpan(Buffer.concat([wireException, fields]));

const wireBodies: Record<string, [item: Buffer, wrap: (items: Buffer) => Buffer]> = {
  'empty resourceSpans': [field(1, ''), (items) => items],
  'empty scopeSpans': [field(2, ''), (items) => field(1, items)],
  'empty resources': [field(1, ''), (items) => field(1, items)],
  'empty spans': [field(2, ''), inRequest],
  'spans that name a run': [field(2, Buffer.concat([wireIds, field(9, wireRunId)])), inRequest],
  'spans of resources that name a run': [
    field(1, Buffer.concat([field(1, field(1, wireRunId)), field(2, field(2, wireIds))])),
    (items) => items,
  ],
  'empty attributes': [field(9, ''), inWireSpan],
  'empty attributes of a kept span': [field(9, ''), inKeptSpan],
  'empty attributes of a resource': [
    field(1, ''),
    (items) => field(1, Buffer.concat([field(1, items), field(2, field(2, ''))])),
  ],
  'attributes that name a run': [field(9, wireRunId), inWireSpan],
  'attributes that name a run by a number': [
    field(9, Buffer.concat([field(1, 'run.id'), field(2, Buffer.from([0x18, 1]))])),
    inWireSpan,
  ],
  'attributes that nearly name a run': [
    field(9, Buffer.concat([field(1, 'ran.id'), field(2, field(1, 'r'))])),
    inWireSpan,
  ],
  'empty events': [field(11, ''), inWireSpan],
  exceptions: [wireException, inWireSpan],
  'attributes of an exception': [
    field(3, ''),
    (items) => inWireSpan(field(11, Buffer.concat([field(2, 'exception'), items]))),
  ],
  'names of a kept span': [field(5, ''), inKeptSpan],
  'times of a kept span': [Buffer.concat([Buffer.from([0x39]), Buffer.alloc(8)]), inKeptSpan],
  'statuses of a kept span': [field(15, ''), inKeptSpan],
  'status codes': [
    Buffer.from([0x18, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1]),
    (items) => inKeptSpan(field(15, items)),
  ],
  'unknown numbers': [Buffer.from([0x30, 0]), inWireSpan],
  'unknown numbers of a kept span': [Buffer.from([0x30, 0]), inKeptSpan],
  'unknown groups': [Buffer.from([0x8b, 1, 0x8c, 1]), inWireSpan],
  'values of an attribute': [
    field(2, ''),
    (items) => inKeptSpan(field(9, Buffer.concat([field(1, 'run.id'), items]))),
  ],
};

/** Bodies that cost the most that we know of, each of a given length. */
export const worstBodies: readonly WorstBody[] = [
  ...Object.entries(jsonParts).map(([name, parts]): WorstBody => ({
    name,
    encoding: 'json',
    make: (bytes) => filled(bytes, parts),
  })),
  ...Object.entries(longTexts).map(([name, text]): WorstBody => ({
    name,
    encoding: 'json',
    make: (bytes) => jsonText(bytes, text),
  })),
  ...Object.entries(wireBodies).map(([name, [item, wrap]]): WorstBody => ({
    name,
    encoding: 'protobuf',
    make: (bytes) =>
      wrap(Buffer.alloc(Math.floor((bytes - 100) / item.length) * item.length, item)),
  })),
];
