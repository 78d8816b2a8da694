import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { fullDecodeJson } from '../../../testing/full-decode-json.ts';
import { hostileJson, type Oddity } from '../../../testing/hostile-json.ts';
import { generator } from '../../../testing/hostile-wire.ts';
import { otlpMessages } from '../../../testing/otlp-messages.ts';
import { attempt, plain } from '../../../testing/plain.ts';
import { encodeOtlp, randomRequest } from '../../../testing/random-request.ts';
import { MalformedBodyError } from '../../errors.ts';
import { spanMatters } from '../../extract/span-rule.ts';
import { attributeNames, DEFAULT_RUN_ID_ATTRIBUTES } from '../attribute-names.ts';
import { decodeTracesJson } from './json.ts';
import { decodeTracesProtobuf } from './protobuf.ts';

const options = { runIdNames: attributeNames(DEFAULT_RUN_ID_ATTRIBUTES), keep: spanMatters };
const testdata = new URL('../../../testdata/', import.meta.url);

function scan(body: string | Buffer) {
  return decodeTracesJson(Buffer.from(body), options);
}

/** A request of one span, by the text of its members. */
function withSpan(members: string): string {
  return `{"resourceSpans":[{"scopeSpans":[{"spans":[{${members}}]}]}]}`;
}

const exceptionEvent = (attributes: string) =>
  withSpan(`"events":[{"name":"exception","attributes":[${attributes}]}]`);

describe('the JSON scanner', () => {
  it.each(readdirSync(testdata).filter((name) => name.endsWith('.json')))(
    'finds in %s all that a full decode has',
    (name) => {
      const body = readFileSync(new URL(name, testdata));
      const scanned = decodeTracesJson(body, options);
      expect(plain(scanned)).toEqual(plain(fullDecodeJson(body, DEFAULT_RUN_ID_ATTRIBUTES)));
      expect(scanned.spans.length).toBeGreaterThan(0);
    },
  );

  it('finds what a full decode finds in 20,000 random and hostile payloads', () => {
    const seen = { accepted: 0, refused: 0, refusedTwice: 0, spans: 0, exceptions: 0, runIds: 0 };
    const oddities = new Map<Oddity, number>();
    for (let seed = 0; seed < 20_000; seed += 1) {
      const { body, oddities: present } = hostileJson(seed);
      const full = attempt(() => plain(fullDecodeJson(body, DEFAULT_RUN_ID_ATTRIBUTES)));
      const scanned = attempt(() => plain(decodeTracesJson(body, options)));
      if (scanned.error) {
        expect(scanned.error, `seed ${seed}`).toBeInstanceOf(MalformedBodyError);
        // What is given twice is refused, and JSON.parse cannot see it: it must be there, though.
        if (!full.error) {
          expect((scanned.error as Error).message, `seed ${seed}`).toMatch(/ is given twice\.$/);
          expect(repeatedMembers(body.toString()), `seed ${seed}`).toBeGreaterThan(0);
          seen.refusedTwice += 1;
        }
        seen.refused += 1;
        continue;
      }
      expect(full.error, `seed ${seed}: the scanner takes what a full decode refuses`).toBe(
        undefined,
      );
      expect(scanned.decoded, `seed ${seed}`).toEqual(full.decoded);
      seen.accepted += 1;
      for (const span of scanned.decoded?.spans ?? []) {
        seen.spans += 1;
        seen.exceptions += span.exceptions.length;
        if (span.runId !== '') seen.runIds += 1;
      }
      for (const oddity of present) oddities.set(oddity, (oddities.get(oddity) ?? 0) + 1);
    }
    // The comparison is worth nothing unless each case came up often.
    expect(seen.accepted).toBeGreaterThan(10_000);
    expect(seen.refused).toBeGreaterThan(3_000);
    expect(seen.refusedTwice).toBeGreaterThan(200);
    expect(seen.spans).toBeGreaterThan(5_000);
    expect(seen.exceptions).toBeGreaterThan(2_000);
    expect(seen.runIds).toBeGreaterThan(1_000);
    // Each oddity came up in a body that was taken; what is wrong may be in what nobody looks at.
    const often: Oddity[] = [
      'space',
      'order',
      'escapedKey',
      'escapedText',
      'loneSurrogate',
      'null',
      'unknown',
      'unknownTwice',
      'upperHex',
      'plainNumber',
      'roundNumber',
      'wrongKind',
      'damage',
    ];
    expect(often.filter((oddity) => (oddities.get(oddity) ?? 0) < 100)).toEqual([]);
  }, 120_000);

  it('finds in 3,000 random requests what protobuf of the same says', () => {
    const { request } = otlpMessages();
    let spans = 0;
    for (let seed = 0; seed < 3_000; seed += 1) {
      const message = randomRequest(seed);
      const { json, wire } = encodeOtlp(request, message);
      const decoded = plain(decodeTracesJson(json, options));
      expect(decoded, `seed ${seed}`).toEqual(plain(decodeTracesProtobuf(wire, options)));
      spans += decoded.spans.length;
    }
    expect(spans).toBeGreaterThan(1_000);
  });

  it('answers garbage with MalformedBodyError or nothing, never with another fault', () => {
    const random = generator(42);
    const signs = Buffer.from('{}[]",:\\u0019-+.eEtruefalsn \n');
    for (let round = 0; round < 5_000; round += 1) {
      const garbage = Buffer.from(
        Array.from({ length: random(60) }, () => signs[random(signs.length)] ?? 0),
      );
      const { error = new MalformedBodyError('none') } = attempt(() => plain(scan(garbage)));
      expect(error).toBeInstanceOf(MalformedBodyError);
    }
  });

  it('refuses a captured body that is cut off anywhere', () => {
    const body = readFileSync(new URL('js-sdk-0.301-one-exception.json', testdata));
    for (let length = 0; length < body.toString().trimEnd().length; length += 1) {
      expect(() => scan(body.subarray(0, length)), `cut to ${length}`).toThrow(MalformedBodyError);
    }
  });

  // As a field of OTLP that nobody looks into, so that nothing but the grammar is in question.
  it.each([
    '1',
    '-0',
    '0.5',
    '1e5',
    '1E+5',
    '-1.25e-7',
    '01',
    '-',
    '+1',
    '.5',
    '1.',
    '1e',
    '1e+',
    '0x1',
    'NaN',
    'true',
    'tru',
    'truE',
    'false',
    'falsey',
    'null',
    'nul',
    'undefined',
    "'a'",
    '""',
    '"a',
    'a"',
    '"\\n\\/\\b"',
    '"\\x"',
    '"\\u12G4"',
    '"\\u12"',
    '"\\uD83D"',
    '"\t"',
    '"\u007f"',
    '"\\',
    '[]',
    '[,]',
    '[1,]',
    '[1 2]',
    '[1',
    ']',
    '[}',
    '{]',
    '{}',
    '{,}',
    '{"a":1,}',
    '{"a"}',
    '{"a":}',
    '{a:1}',
    '{1:1}',
    '{"a":1 "b":2}',
    '{"a":1,"a":2}',
    '{"a":[{"b":[{}]}]}',
    ' [ 1 , { "a" : null } ] ',
    '\u00a0',
    '\ufeff',
    '1,"b":2',
    '/* */1',
    '',
    '"\u2028"',
    '\f1',
    '[[[[]]]',
    '{"a":{"b":1}',
  ])('takes %j where JSON.parse takes it', (text) => {
    const body = withSpan(`"links":${text}`);
    const { error } = attempt(() => plain(scan(body)));
    let isJson = true;
    try {
      JSON.parse(body);
    } catch {
      isJson = false;
    }
    expect(error === undefined).toBe(isJson);
    expect(error ?? new MalformedBodyError('none')).toBeInstanceOf(MalformedBodyError);
  });

  it.each([
    ['a byte order mark', Buffer.from('\ufeff{}')],
    ['bytes that are not UTF-8', Buffer.from('{"a":"\xff"}', 'latin1')],
    ['more than one value', Buffer.from('{} {}')],
    ['nothing', Buffer.alloc(0)],
    ['white space', Buffer.from(' \n ')],
  ])('refuses %s', (_, body) => {
    expect(() => scan(body)).toThrow(MalformedBodyError);
  });

  it.each([
    ['', '7', /: the body must be an object\.$/],
    ['', '{"resourceSpans":7}', /: resourceSpans must be an array\.$/],
    ['', '{"resourceSpans":[{},null]}', /: resourceSpans\[1\] must be an object\.$/],
    ['span', '"traceId":"zz"', /spans\[0\]\.traceId must be a string of hex digits\.$/],
    ['span', '"traceId":"abc"', /spans\[0\]\.traceId must be a string of hex digits\.$/],
    ['span', '"na\\u006de":7', /spans\[0\]\.name must be a string\.$/],
    ['span', '"startTimeUnixNano":"-1"', /startTimeUnixNano must be an unsigned number of 64 bits/],
    ['span', '"endTimeUnixNano":18446744073709551616', /endTimeUnixNano must be an unsigned/],
    ['span', '"endTimeUnixNano":1.5', /endTimeUnixNano must be an unsigned/],
    ['span', '"status":{"code":"STATUS_CODE_ERROR"}', /spans\[0\]\.status\.code must be a number/],
    ['span', '"attributes":[{},{"key":7}]', /spans\[0\]\.attributes\[1\]\.key must be a string\.$/],
    [
      'span',
      '"attributes":[{"value":{"intValue":"x"},"key":"run.id"}]',
      /attributes\[0\]\.value\.intValue must be a whole number of 64 bits, or one in a string\.$/,
    ],
    ['span', '"events":[{"name":true}]', /spans\[0\]\.events\[0\]\.name must be a string\.$/],
    [
      'span',
      '"events":[{"name":"a, [b] : {c}"},{"name":"exception","timeUnixNano":[]}]',
      /spans\[0\]\.events\[1\]\.timeUnixNano must be an unsigned number/,
    ],
    ['span', '"name":"a","kind":1,"na\\u006de":"b"', /spans\[0\]\.name is given twice\.$/],
    ['span', '"events":[],"events":[]', /spans\[0\]\.events is given twice\.$/],
    ['span', '"status":{"code":1,"code":2}', /spans\[0\]\.status\.code is given twice\.$/],
    ['', '{"resourceSpans":[],"resourceSpans":[]}', /: resourceSpans is given twice\.$/],
    [
      '',
      '{"resourceSpans":[{"resource":null,"resource":{}}]}',
      /\[0\]\.resource is given twice\.$/,
    ],
    [
      '',
      '{"resourceSpans":[{"resource":{"attributes":[],"attributes":[]}}]}',
      /resource\.attributes is given twice\.$/,
    ],
    ['', '{"resourceSpans":[{"scopeSpans":[],"scopeSpans":[]}]}', /scopeSpans is given twice\.$/],
    ['', '{"resourceSpans":[{"scopeSpans":[{"spans":[],"spans":[]}]}]}', /spans is given twice\.$/],
    ['span', '"attributes":[{"key":"a","key":"a"}]', /attributes\[0\]\.key is given twice\.$/],
    ['span', '"attributes":[{"value":{},"value":{}}]', /attributes\[0\]\.value is given twice\.$/],
    [
      'span',
      '"attributes":[{"key":"run.id","value":{"stringValue":"a","stringValue":"b"}}]',
      /value\.stringValue is given twice\.$/,
    ],
    ['span', '"events":[{"attributes":[],"attributes":[]}]', /attributes is given twice\.$/],
  ])('says where %s %s is wrong', (kind, text, message) => {
    expect(() => scan(kind === 'span' ? withSpan(text) : text)).toThrow(message);
  });

  it('refuses values that nest deeper than 100 levels, and takes 100', () => {
    const nested = (levels: number) => `{"a":${'['.repeat(levels - 1)}${']'.repeat(levels - 1)}}`;
    expect(scan(nested(100)).spanCount).toBe(0);
    expect(() => scan(nested(101))).toThrow(/nest deeper than 100 levels/);
    expect(() => scan('['.repeat(1_000_000))).toThrow(MalformedBodyError);
    expect(() => scan(`{"a":${'{"a":'.repeat(1_000_000)}`)).toThrow(/nest deeper than 100 levels/);
  });

  it('reads a resource behind its spans as one before them, however deep its values nest', () => {
    const deep = `{"key":"deep","value":{"arrayValue":{"values":${'['.repeat(90)}${']'.repeat(90)}}}}`;
    const resource = `"resource":{"attributes":[${deep},{"value":{"stringValue":"shop"},"key":"service.namespace"},{"key":"run.id","value":{"intValue":"-0012"}}]}`;
    const scopes = '"scopeSpans":[{"spans":[{"name":"a"}]}]';
    const before = scan(`{"resourceSpans":[{${resource},${scopes}}]}`);
    const behind = scan(`{"resourceSpans":[{${scopes},${resource}}]}`);
    expect(plain(behind)).toEqual(plain(before));
    const [span] = behind.spans;
    expect([span?.resource.namespace, span?.resource.runId].map(String)).toEqual(['shop', '-12']);
  });

  it('keeps a stack text as it is, in a view of the body, and undoes its escapes', () => {
    const plainText = exceptionEvent(
      '{"key":"exception.stacktrace","value":{"stringValue":"at größe 😀"}}',
    );
    const body = Buffer.from(plainText);
    const [span] = decodeTracesJson(body, options).spans;
    const stackText = span?.exceptions[0]?.stackText;
    expect(String(stackText)).toBe('at größe 😀');
    expect(stackText?.buffer).toBe(body.buffer);

    const escaped = exceptionEvent(
      String.raw`{"key":"exception.message","value":{"stringValue":"\"\\\/\b\f\n\r\t\u0000\u00e9\u20AC\ud83d\uDE00\ud83d!\ude00\ud83d\ud83d\ude00"}}`,
    );
    const message = scan(escaped).spans[0]?.exceptions[0]?.message;
    expect(String(message)).toBe('"\\/\b\f\n\r\t\0é€😀\uFFFD!\uFFFD\uFFFD😀');
  });

  it('takes long numbers exactly, in quotes or not', () => {
    const times = (value: string) =>
      scan(withSpan(`"startTimeUnixNano":${value},"status":{"code":2.0}`)).spans[0]?.startedAt;
    expect(times('1790000000123456789')).toBe(1_790_000_000_123_456_789n);
    expect(times('"18446744073709551615"')).toBe(2n ** 64n - 1n);
    expect(times('18446744073709551615')).toBe(2n ** 64n - 1n);
    expect(times(String.raw`"\u0031\u0032"`)).toBe(12n);
    expect(times('1.5e3')).toBe(1_500n);
    expect(times('null')).toBe(0n);
    expect(() => times(`1${'0'.repeat(200)}e-200`)).toThrow(/must be an unsigned number/);
  });
});

/** How many members of objects are gone in what `JSON.parse` makes of a text. */
function repeatedMembers(text: string): number {
  const written = text.replaceAll(/"(?:[^"\\]|\\.)*"/gs, '').split(':').length - 1;
  const count = (value: unknown): number =>
    typeof value === 'object' && value !== null
      ? Object.values(value).reduce<number>(
          (sum, member) => sum + count(member),
          Array.isArray(value) ? 0 : Object.keys(value).length,
        )
      : 0;
  return written - count(JSON.parse(text));
}
