import { describe, expect, it } from 'vitest';
import { fullDecodeLogs } from '../../../testing/full-decode-logs.ts';
import { generator, hostileRequest } from '../../../testing/hostile-wire.ts';
import { otlpMessages } from '../../../testing/otlp-messages.ts';
import { attempt, plainLogs } from '../../../testing/plain.ts';
import { MalformedBodyError } from '../../errors.ts';
import { attributeNames, DEFAULT_RUN_ID_ATTRIBUTES } from '../attribute-names.ts';
import { decodeLogsProtobuf } from './protobuf.ts';

const options = { runIdNames: attributeNames(DEFAULT_RUN_ID_ATTRIBUTES), keep: () => false };
const { logsRequest } = otlpMessages();

const scan = (body: Buffer) => attempt(() => plainLogs(decodeLogsProtobuf(body, options)));
const decodeFully = (body: Buffer) =>
  attempt(() => plainLogs(fullDecodeLogs(logsRequest, body, DEFAULT_RUN_ID_ATTRIBUTES)));

describe('the protobuf scanner of log records', () => {
  it('finds what a full decode finds in 20,000 random and hostile payloads', () => {
    const seen = { accepted: 0, refused: 0, records: 0, otherRecords: 0, runIds: 0, bodies: 0 };
    for (let seed = 0; seed < 20_000; seed += 1) {
      const body = hostileRequest(seed, 'logsRequest');
      const full = decodeFully(body);
      const scanned = scan(body);
      if (!scanned.decoded) {
        expect(scanned.error, `seed ${seed}`).toBeInstanceOf(MalformedBodyError);
        expect(full.error, `seed ${seed}: refused what a full decode takes`).toBeDefined();
        seen.refused += 1;
        // Else there is damage in what the scanner passes over, such as a record without a needle.
      } else if (!full.error) {
        expect(scanned.decoded, `seed ${seed}`).toEqual(full.decoded);
        seen.accepted += 1;
        const { recordCount, records } = scanned.decoded;
        seen.records += records.length;
        seen.otherRecords += recordCount - records.length;
        seen.runIds += records.filter(({ runId }) => runId !== '').length;
        seen.bodies += records.filter(({ body: text }) => text !== '').length;
      }
    }
    // The comparison is worth nothing unless each case came up often.
    expect(seen.accepted).toBeGreaterThan(10_000);
    expect(seen.refused).toBeGreaterThan(1_000);
    expect(seen.records).toBeGreaterThan(5_000);
    expect(seen.otherRecords).toBeGreaterThan(5_000);
    expect(seen.runIds).toBeGreaterThan(100);
    expect(seen.bodies).toBeGreaterThan(1_000);
  }, 120_000);

  it('answers garbage with MalformedBodyError or nothing, never with another fault', () => {
    const random = generator(42);
    for (let round = 0; round < 5_000; round += 1) {
      const garbage = Buffer.from(Array.from({ length: random(400) }, () => random(256)));
      garbage.write('xcep', random(garbage.length + 1));
      const { error = new MalformedBodyError('none') } = scan(garbage);
      expect(error).toBeInstanceOf(MalformedBodyError);
    }
  });
});
