import { describe, expect, it } from 'vitest';
import { extractLogs } from '../../extract/extract-logs.ts';
import { attributeNames } from '../attribute-names.ts';
import { decoders } from '../decoders.ts';
import { DEFAULT_DECODE_LIMITS, type DecodeLimits } from '../limits.ts';
import { otlpMessages } from '../../../testing/otlp-messages.ts';
import { asOtlpJson } from '../../../testing/otlp-json.ts';

const { logsRequest } = otlpMessages();
const attribute = { key: Buffer.from('exception.type'), value: { string_value: Buffer.from('E') } };
const failing = { attributes: [attribute] };
const quiet = { body: { string_value: Buffer.from('hello') } };
const times = <T>(count: number, item: T): T[] => Array.from({ length: count }, () => item);

function bodies(...scopes: object[][]) {
  const resource_logs = [{ scope_logs: scopes.map((log_records) => ({ log_records })) }];
  const protobuf = Buffer.from(logsRequest.encode({ resource_logs }).finish());
  return { protobuf, json: Buffer.from(JSON.stringify(asOtlpJson(logsRequest, protobuf))) };
}

/** What each limit counts, in a request that has exactly 6 of it, and an exception at its end. */
const requests: Partial<Record<keyof DecodeLimits, ReturnType<typeof bodies>>> = {
  groups: bodies([quiet], [], [], [], [failing]),
  items: bodies([...times(5, quiet), failing]),
  attributes: bodies([{ attributes: times(5, attribute) }, failing]),
  keptItems: bodies(times(6, failing)),
  failures: bodies(times(6, failing)),
};
const cases = (['protobuf', 'json'] as const).flatMap((encoding) =>
  (Object.keys(requests) as (keyof DecodeLimits)[]).map((name) => [name, encoding] as const),
);

describe('a limit on log records', () => {
  it.each(cases)('of %s in %s leaves out what is one too much, and no more', (name, encoding) => {
    const body = requests[name]?.[encoding] as Buffer;
    const decode = (maximum: number) =>
      decoders.logs[encoding](body, {
        runIdNames: attributeNames(['run.id']),
        keep: () => false,
        limits: { ...DEFAULT_DECODE_LIMITS, [name]: maximum },
      });
    const all = decode(6);
    expect(all.leftOut).toBe(undefined);
    const limited = decode(5);
    expect(limited.recordCount).toBe(all.recordCount);
    expect(limited.records).toEqual(all.records.slice(0, -1));
    const { rejected } = extractLogs(limited, { nowMs: Date.now() });
    expect(rejected).toEqual({
      items: 1,
      message: expect.stringMatching(/^1 log records were rejected: a request may hold at most 5 /),
    });
  });
});
