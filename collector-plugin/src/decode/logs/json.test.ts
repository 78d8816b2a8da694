import { describe, expect, it } from 'vitest';
import { fullDecodeLogsJson } from '../../../testing/full-decode-logs-json.ts';
import { hostileJson } from '../../../testing/hostile-json.ts';
import { otlpMessages } from '../../../testing/otlp-messages.ts';
import { attempt, plainLogs } from '../../../testing/plain.ts';
import { encodeOtlp, randomRequest } from '../../../testing/random-request.ts';
import { MalformedBodyError } from '../../errors.ts';
import { attributeNames, DEFAULT_RUN_ID_ATTRIBUTES } from '../attribute-names.ts';
import { decodeLogsJson } from './json.ts';
import { decodeLogsProtobuf } from './protobuf.ts';

const options = { runIdNames: attributeNames(DEFAULT_RUN_ID_ATTRIBUTES), keep: () => false };

/** A request of one log record, by the text of its members. */
function withRecord(members: string): Buffer {
  return Buffer.from(`{"resourceLogs":[{"scopeLogs":[{"logRecords":[{${members}}]}]}]}`);
}
const attribute = (key: string, value: string) =>
  `{"key":${JSON.stringify(key)},"value":{"stringValue":${JSON.stringify(value)}}}`;
const attributed = (key: string, value: string) => `"attributes":[${attribute(key, value)}]`;

describe('the JSON scanner of log records', () => {
  it('finds what a full decode finds in 20,000 random and hostile payloads', () => {
    const seen = { accepted: 0, refused: 0, refusedTwice: 0, records: 0, runIds: 0, bodies: 0 };
    for (let seed = 0; seed < 20_000; seed += 1) {
      const { body } = hostileJson(seed, 'logs');
      const full = attempt(() => plainLogs(fullDecodeLogsJson(body, DEFAULT_RUN_ID_ATTRIBUTES)));
      const scanned = attempt(() => plainLogs(decodeLogsJson(body, options)));
      if (!scanned.decoded) {
        expect(scanned.error, `seed ${seed}`).toBeInstanceOf(MalformedBodyError);
        // JSON.parse cannot see what is given twice.
        if (!full.error) {
          expect((scanned.error as Error).message, `seed ${seed}`).toMatch(/ is given twice\.$/);
          seen.refusedTwice += 1;
        }
        seen.refused += 1;
        continue;
      }
      expect(full.error, `seed ${seed}: taken though a full decode refuses it`).toBe(undefined);
      expect(scanned.decoded, `seed ${seed}`).toEqual(full.decoded);
      seen.accepted += 1;
      const { records } = scanned.decoded;
      seen.records += records.length;
      seen.runIds += records.filter(({ runId }) => runId !== '').length;
      seen.bodies += records.filter(({ body: text }) => text !== '').length;
    }
    // The comparison is worth nothing unless each case came up often.
    expect(seen.accepted).toBeGreaterThan(10_000);
    expect(seen.refused).toBeGreaterThan(3_000);
    expect(seen.refusedTwice).toBeGreaterThan(200);
    expect(seen.records).toBeGreaterThan(3_500);
    expect(seen.runIds).toBeGreaterThan(300);
    expect(seen.bodies).toBeGreaterThan(1_000);
  }, 120_000);

  it('finds in 3,000 random requests what protobuf of the same says', () => {
    const { logsRequest } = otlpMessages();
    let records = 0;
    for (let seed = 0; seed < 3_000; seed += 1) {
      const { json, wire } = encodeOtlp(logsRequest, randomRequest(seed, 'logs'));
      const decoded = plainLogs(decodeLogsJson(json, options));
      expect(decoded, `seed ${seed}`).toEqual(plainLogs(decodeLogsProtobuf(wire, options)));
      records += decoded.records.length;
    }
    expect(records).toBeGreaterThan(800);
  });

  it.each([
    ['exception.type', attributed('exception.type', 'E'), true],
    ['exception.message', attributed('exception.message', 'm'), true],
    ['exception.stacktrace', attributed('exception.stacktrace', 's'), true],
    ['an empty message', attributed('exception.message', ''), false],
    ['exception.escaped alone', attributed('exception.escaped', 'true'), false],
    ['the event exception', '"eventName":"exception"', true],
    ['an event of an operation', '"eventName":"http.client.request.exception"', true],
    ['an event of another name', '"eventName":"noexception"', false],
    ['an escaped name', String.raw`"eventName":"db\u002eexception"`, true],
    ['event.name', attributed('event.name', 'exception'), true],
    ['event.name of an operation', attributed('event.name', 'db.exception'), true],
    ['event.name of another event', attributed('event.name', 'session.start'), false],
    ['the word in the body', '"body":{"stringValue":"exception"}', false],
  ])('keeps a record with %s where it tells of an exception', (_, members, isKept) => {
    const { recordCount, records } = decodeLogsJson(withRecord(members), options);
    expect([recordCount, records.length]).toEqual([1, isKept ? 1 : 0]);
  });

  it('names the path of what is wrong', () => {
    expect(() => decodeLogsJson(withRecord('"severityNumber":"ERROR"'), options)).toThrow(
      'resourceLogs[0].scopeLogs[0].logRecords[0].severityNumber must be a number',
    );
  });
});
