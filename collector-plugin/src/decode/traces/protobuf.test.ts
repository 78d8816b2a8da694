import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { fullDecode } from '../../../testing/full-decode.ts';
import { generator, hostileRequest } from '../../../testing/hostile-wire.ts';
import { asOtlpJson } from '../../../testing/otlp-json.ts';
import { otlpMessages } from '../../../testing/otlp-messages.ts';
import { attempt, plain } from '../../../testing/plain.ts';
import { MalformedBodyError } from '../../errors.ts';
import { spanMatters } from '../../extract/span-rule.ts';
import { attributeNames, DEFAULT_RUN_ID_ATTRIBUTES } from '../attribute-names.ts';
import { decodeTracesJson } from './json.ts';
import { decodeTracesProtobuf } from './protobuf.ts';

const options = {
  runIdNames: attributeNames(DEFAULT_RUN_ID_ATTRIBUTES),
  keep: spanMatters,
};
const { request } = otlpMessages();
const testdata = new URL('../../../testdata/', import.meta.url);

describe('the protobuf scanner', () => {
  const captured = readdirSync(testdata).filter((name) => name.endsWith('.bin'));

  it.each(captured)('finds in %s all that a full decode has, and that its JSON has', (name) => {
    const body = readFileSync(new URL(name, testdata));
    const scanned = decodeTracesProtobuf(body, options);
    expect(plain(scanned)).toEqual(plain(fullDecode(request, body, DEFAULT_RUN_ID_ATTRIBUTES)));
    expect(scanned.spans.length).toBeGreaterThan(0);

    const json = Buffer.from(JSON.stringify(asOtlpJson(request, body)));
    expect(plain(decodeTracesJson(json, options))).toEqual(plain(scanned));
  });

  it('finds what a full decode finds in 20,000 random and hostile payloads', () => {
    const seen = { accepted: 0, refused: 0, spans: 0, exceptions: 0, passedOverDamage: 0 };
    for (let seed = 0; seed < 20_000; seed += 1) {
      const body = hostileRequest(seed);
      const full = attempt(() => plain(fullDecode(request, body, DEFAULT_RUN_ID_ATTRIBUTES)));
      const scanned = attempt(() => plain(decodeTracesProtobuf(body, options)));
      if (scanned.error) {
        expect(scanned.error, `seed ${seed}`).toBeInstanceOf(MalformedBodyError);
        expect(
          full.error,
          `seed ${seed}: the scanner refused what a full decode takes`,
        ).toBeDefined();
        seen.refused += 1;
      } else if (full.error) {
        // Damage in what the scanner passes over, such as the inside of a link or of a scope.
        seen.passedOverDamage += 1;
      } else {
        expect(scanned.decoded, `seed ${seed}`).toEqual(full.decoded);
        const spans = scanned.decoded?.spans ?? [];
        seen.accepted += 1;
        seen.spans += spans.length;
        seen.exceptions += spans.reduce((sum, { exceptions }) => sum + exceptions.length, 0);
      }
    }
    // The comparison is worth nothing unless each case came up often.
    expect(seen.accepted).toBeGreaterThan(10_000);
    expect(seen.refused).toBeGreaterThan(1_000);
    expect(seen.spans).toBeGreaterThan(5_000);
    expect(seen.exceptions).toBeGreaterThan(1_000);
    // Of 6,970 damaged bodies 1,945 are damaged only where the scanner does not look. The seeds are
    // fixed, so one more means that it has stopped to check something.
    expect(seen.passedOverDamage).toBeLessThanOrEqual(1_945);
  }, 120_000);

  it('takes a captured body that is cut off only where a full decode takes it', () => {
    const body = readFileSync(new URL('js-sdk-0.301-one-exception.bin', testdata));
    for (let length = 0; length < body.length; length += 1) {
      const cut = body.subarray(0, length);
      const full = attempt(() => plain(fullDecode(request, cut, DEFAULT_RUN_ID_ATTRIBUTES)));
      const scanned = attempt(() => plain(decodeTracesProtobuf(cut, options)));
      expect(Boolean(scanned.error), `cut to ${length} bytes`).toBe(Boolean(full.error));
    }
  });

  it('answers garbage with MalformedBodyError or nothing, never with another fault', () => {
    const random = generator(42);
    for (let round = 0; round < 5_000; round += 1) {
      const garbage = Buffer.from(Array.from({ length: random(400) }, () => random(256)));
      const { error = new MalformedBodyError('none') } = attempt(() =>
        plain(decodeTracesProtobuf(garbage, options)),
      );
      expect(error).toBeInstanceOf(MalformedBodyError);
    }
  });

  it('refuses groups that nest without end', () => {
    const body = Buffer.alloc(1_000_000, 0x0b);
    expect(() => decodeTracesProtobuf(body, options)).toThrow(MalformedBodyError);
  });

  it('prefers the run id attribute that is configured first, and the span to the resource', () => {
    const attribute = (key: string, value: string) => ({
      key: Buffer.from(key),
      value: { string_value: Buffer.from(value) },
    });
    const body = Buffer.from(
      request
        .encode({
          resource_spans: [
            {
              resource: { attributes: [attribute('second', 'of the resource')] },
              scope_spans: [
                {
                  spans: [
                    {
                      trace_id: Buffer.alloc(16, 1),
                      span_id: Buffer.alloc(8, 1),
                      attributes: [attribute('second', 'two'), attribute('first', 'one')],
                    },
                  ],
                },
              ],
            },
          ],
        })
        .finish(),
    );
    const { spans } = decodeTracesProtobuf(body, {
      ...options,
      runIdNames: attributeNames(['first', 'second']),
    });
    expect(spans.map(({ runId, resource }) => [String(runId), String(resource.runId)])).toEqual([
      ['one', 'of the resource'],
    ]);
  });
});
