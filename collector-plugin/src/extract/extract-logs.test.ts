import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { attributeNames, DEFAULT_RUN_ID_ATTRIBUTES } from '../decode/attribute-names.ts';
import type { DecodedLogRecord } from '../decode/logs/decoded-logs.ts';
import { decodeLogsProtobuf } from '../decode/logs/protobuf.ts';
import { extractLogs } from './extract-logs.ts';

const nowMs = Date.UTC(2026, 10, 25, 12);
const NOW = BigInt(nowMs) * 1_000_000n;
const NONE = Buffer.alloc(0);

type Overrides = Omit<Partial<DecodedLogRecord>, 'exception'> & {
  exception?: Partial<DecodedLogRecord['exception']>;
};

function record({ exception, ...overrides }: Overrides = {}): DecodedLogRecord {
  return {
    resource: { namespace: Buffer.from('shop'), service: Buffer.from('orders'), runId: NONE },
    traceId: Buffer.alloc(16, 1),
    spanId: Buffer.alloc(8, 2),
    observedTime: NOW - 1n,
    severityNumber: 17,
    severityText: NONE,
    body: Buffer.from('order failed'),
    runId: NONE,
    exception: {
      time: NOW - 2n,
      type: Buffer.from('OrderError'),
      message: Buffer.from('Order 4711 not found'),
      stackText: NONE,
      escaped: false,
      droppedAttributes: 0,
      ...exception,
    },
    ...overrides,
  };
}

function extractAll(records: DecodedLogRecord[], namespace?: string) {
  return extractLogs(
    { recordCount: records.length, records, leftOut: undefined },
    { nowMs, namespace },
  );
}

function extractOne(overrides: Overrides = {}, namespace?: string) {
  const { failures, ...rest } = extractAll([record(overrides)], namespace);
  expect(failures).toHaveLength(1);
  return { failure: failures[0] as (typeof failures)[0], ...rest };
}

describe('extractLogs', () => {
  it('makes a failure of a record, on the span that it names', () => {
    const { failure, runSpans, rejected } = extractOne();
    expect(failure).toMatchObject({
      source: 3,
      traceId: Buffer.alloc(16, 1),
      spanId: Buffer.alloc(8, 2),
      parentSpanId: NONE,
      occurredAt: NOW - 2n,
      handled: false,
      type: Buffer.from('OrderError'),
      message: Buffer.from('Order 4711 not found'),
    });
    expect(runSpans).toEqual([]);
    expect(rejected).toEqual({ items: 0, message: '' });
  });

  it.each([
    [16, '', true],
    [17, '', false],
    [24, '', false],
    [13, 'ERROR', true],
    [0, 'WARN', true],
    [0, 'Information', true],
    [0, 'ERROR', false],
    [0, 'critical', false],
    [0, '', false],
    [-1, '', false],
  ])('of severity %d %j is handled: %s', (severityNumber, text, handled) => {
    const { failure } = extractOne({ severityNumber, severityText: Buffer.from(text) });
    expect(failure.handled).toBe(handled);
  });

  it('is not handled, whatever its severity, where the exception escaped', () => {
    expect(extractOne({ severityNumber: 9, exception: { escaped: true } }).failure.handled).toBe(
      false,
    );
  });

  it('takes the body for the message where there is no other', () => {
    const { failure } = extractOne({ exception: { message: NONE } });
    expect(String(failure.message)).toBe('order failed');
  });

  it('takes the time at which it was observed, and else that of the request', () => {
    expect(extractOne({ exception: { time: 0n } }).failure.occurredAt).toBe(NOW - 1n);
    expect(extractOne({ exception: { time: 0n }, observedTime: 0n }).failure.occurredAt).toBe(NOW);
  });

  it('prefers its own run id to that of its resource, and says where it cannot be used', () => {
    const resource = { ...record().resource, runId: Buffer.from('of the resource') };
    expect(String(extractOne({ resource }).failure.runId)).toBe('of the resource');
    const own = extractOne({ resource, runId: Buffer.from('own') });
    expect(String(own.failure.runId)).toBe('own');
    const bad = extractOne({ runId: Buffer.from('a\nb') });
    expect(bad.failure.runId).toEqual(NONE);
    expect(bad.rejected.message).toContain('1 log records carry a run id that was ignored');
  });

  describe('without a trace', () => {
    const loose = { traceId: NONE, spanId: NONE };
    const idOf = (overrides: Overrides, namespace?: string) =>
      extractOne({ ...loose, ...overrides }, namespace).failure.traceId.toString('hex');

    it('has one of its own, the same each time that it is sent', () => {
      expect(idOf({})).toMatch(/^[0-9a-f]{32}$/);
      expect(idOf({})).toBe(idOf({}));
    });

    it('shares it with no other record', () => {
      const resource = record().resource;
      const ids = [
        idOf({}),
        idOf({}, 'of the key'),
        idOf({ observedTime: NOW }),
        idOf({ exception: { time: NOW } }),
        idOf({ exception: { message: Buffer.from('Order 4712 not found') } }),
        idOf({ exception: { type: Buffer.from('OrderErrorO') } }),
        idOf({ body: Buffer.from('other') }),
        idOf({ runId: Buffer.from('run_1') }),
        idOf({ resource: { ...resource, service: Buffer.from('payments') } }),
        idOf({ resource: { ...resource, namespace: Buffer.from('other') } }),
        // The same letters, cut elsewhere.
        idOf({ exception: { type: Buffer.from('a'), message: Buffer.from('bc') } }),
        idOf({ exception: { type: Buffer.from('ab'), message: Buffer.from('c') } }),
      ];
      expect(new Set(ids).size).toBe(ids.length);
    });

    it.each([Buffer.alloc(16), Buffer.alloc(15, 1)])('takes %j for no trace id', (traceId) => {
      const { failure } = extractOne({ traceId });
      expect(failure.traceId).toHaveLength(16);
      expect(failure.traceId.equals(traceId)).toBe(false);
      expect(failure.spanId).toEqual(NONE);
    });
  });

  it('finds in what Python’s SDK sends the two exceptions of three records', () => {
    const body = readFileSync(
      new URL('../../testdata/logs/python-sdk-1.45-logging.logs.bin', import.meta.url),
    );
    const logs = decodeLogsProtobuf(body, {
      runIdNames: attributeNames(DEFAULT_RUN_ID_ATTRIBUTES),
      keep: () => false,
    });
    expect(logs.recordCount).toBe(3);
    const { failures } = extractLogs(logs, { nowMs });
    expect(
      failures.map(({ type, handled, spanId }) => [String(type), handled, spanId.length]),
    ).toEqual([
      ['LedgerError', false, 8],
      ['LedgerError', true, 0],
    ]);
  });
});
