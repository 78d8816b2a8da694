import { describe, expect, it } from 'vitest';
import { otlpMessages } from '../../../testing/otlp-messages.ts';
import { asOtlpJson } from '../../../testing/otlp-json.ts';
import { extract } from '../../extract/extract.ts';
import { spanMatters } from '../../extract/span-rule.ts';
import { attributeNames } from '../attribute-names.ts';
import { decoders, type MessageEncoding } from '../decoders.ts';
import { DEFAULT_DECODE_LIMITS, type DecodeLimits } from '../limits.ts';

const { request } = otlpMessages();
const encodings: readonly MessageEncoding[] = ['protobuf', 'json'];

const attribute = (key: string, value = 'v') => ({
  key: Buffer.from(key),
  value: { string_value: Buffer.from(value) },
});
const event = (name: string, attributes: object[] = []) => ({
  name: Buffer.from(name),
  attributes,
});
const times = <T>(count: number, item: T): T[] => Array.from({ length: count }, () => item);

const ids = { trace_id: Buffer.alloc(16, 1), span_id: Buffer.alloc(8, 1) };
const exception = event('exception', [attribute('exception.type', 'E')]);
const quiet = { ...ids, parent_span_id: Buffer.alloc(8, 2) };
const failing = { ...quiet, events: [exception] };
const failedRun = { ...ids, status: { code: 2 } };

/** The same request in both encodings; each list of spans stands in a scope of its own. */
function bodies(...resourceSpans: { resource?: object; scopes: object[][] }[]) {
  const resource_spans = resourceSpans.map(({ resource, scopes }) => ({
    ...(resource && { resource }),
    scope_spans: scopes.map((spans) => ({ spans })),
  }));
  const protobuf = Buffer.from(request.encode({ resource_spans }).finish());
  return { protobuf, json: Buffer.from(JSON.stringify(asOtlpJson(request, protobuf))) };
}

const spansOnly = (...spans: object[]) => bodies({ scopes: [spans] });

/** What each limit counts, in a request that has exactly 6 of it, and a failing span at its end. */
const requests: Record<keyof DecodeLimits, ReturnType<typeof bodies>> = {
  groups: bodies({ scopes: [[quiet]] }, { scopes: [[quiet], [], [failing]] }),
  items: spansOnly(...times(5, quiet), failing),
  attributes: bodies({
    resource: { attributes: [attribute('a')] },
    scopes: [[{ ...quiet, attributes: times(4, attribute('a')) }, failing]],
  }),
  events: spansOnly({ ...quiet, events: times(5, event('retry')) }, failing),
  keptItems: spansOnly(
    ...times(3, { ...quiet, attributes: [attribute('run.id')] }),
    ...times(3, failing),
  ),
  failures: spansOnly({ ...quiet, events: times(4, exception) }, quiet, failedRun, failing),
};

const cases = encodings.flatMap((encoding) =>
  (Object.keys(requests) as (keyof DecodeLimits)[]).map((limit) => [limit, encoding] as const),
);

function decode(encoding: MessageEncoding, body: Buffer, limits: Partial<DecodeLimits>) {
  return decoders.traces[encoding](body, {
    runIdNames: attributeNames(['run.id']),
    keep: spanMatters,
    limits: { ...DEFAULT_DECODE_LIMITS, ...limits },
  });
}

describe('a limit', () => {
  it.each(cases)('of %s in %s is not reached by as much as it allows', (limit, encoding) => {
    const body = requests[limit][encoding];
    const limited = decode(encoding, body, { [limit]: 6 });
    expect(limited.leftOut).toBe(undefined);
    expect(limited).toEqual(decode(encoding, body, {}));
    expect(limited.spans.at(-1)?.exceptions).toHaveLength(1);
  });

  it.each(cases)('of %s in %s leaves out the span that is one too much', (limit, encoding) => {
    const body = requests[limit][encoding];
    const all = decode(encoding, body, {});
    const limited = decode(encoding, body, { [limit]: 5 });
    expect(limited.leftOut).toEqual({ items: 1, limit, maximum: 5 });
    expect(limited.spanCount).toBe(all.spanCount);
    expect(limited.spans).toEqual(all.spans.slice(0, -1));
    const { rejected } = extract(limited, { nowMs: Date.now() });
    expect(rejected).toEqual({
      items: 1,
      message: expect.stringMatching(/^1 spans were rejected: a request may hold at most 5 /),
    });
  });

  it.each(encodings)('in %s leaves out all that follows, in other resources too', (encoding) => {
    const body = bodies(
      { scopes: [[quiet, { ...quiet, events: times(3, exception) }, failing], [failing]] },
      { resource: { attributes: [attribute('run.id')] }, scopes: [[failing, quiet], [quiet]] },
    )[encoding];
    const limited = decode(encoding, body, { failures: 2 });
    expect(limited).toEqual({
      spanCount: 7,
      spans: [],
      leftOut: { items: 6, limit: 'failures', maximum: 2 },
    });
  });

  it.each(encodings)(
    'in %s that nothing stands behind is no reason to say anything',
    (encoding) => {
      const body = bodies({ scopes: [[failing]] }, { scopes: [[], [], []] })[encoding];
      const limited = decode(encoding, body, { groups: 3 });
      expect([limited.spans.length, limited.leftOut]).toEqual([1, undefined]);
    },
  );

  it.each(encodings)('in %s counts the attributes of exceptions', (encoding) => {
    const body = spansOnly(failing, {
      ...quiet,
      events: [event('exception', times(9, attribute('exception.message')))],
    })[encoding];
    expect(decode(encoding, body, { attributes: 10 }).spans).toHaveLength(2);
    const limited = decode(encoding, body, { attributes: 9 });
    expect(limited.spans).toHaveLength(1);
    expect(limited.leftOut).toEqual({ items: 1, limit: 'attributes', maximum: 9 });
  });
});
