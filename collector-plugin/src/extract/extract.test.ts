import { describe, expect, it } from 'vitest';
import type { LeftOut } from '../decode/limits.ts';
import type { DecodedSpan } from '../decode/traces/decoded-traces.ts';
import { extract, type ExtractOptions } from './extract.ts';
import { MAX_CLOCK_SKEW_MS } from './times.ts';

const NONE = Buffer.alloc(0);
const exception = {
  time: 5n,
  type: Buffer.from('Error'),
  message: Buffer.from('boom'),
  stackText: Buffer.from('Error: boom\n    at x (f.js:1:2)'),
  escaped: false,
  droppedAttributes: 0,
};

function span(overrides: Partial<DecodedSpan> = {}): DecodedSpan {
  return {
    resource: { namespace: NONE, service: Buffer.from('orders'), runId: NONE },
    traceId: Buffer.alloc(16, 0xab),
    spanId: Buffer.alloc(8, 1),
    parentSpanId: Buffer.alloc(8, 2),
    name: Buffer.from('step'),
    startedAt: 1n,
    endedAt: 9n,
    status: 0,
    statusMessage: NONE,
    runId: NONE,
    exceptions: [],
    droppedEvents: 0,
    ...overrides,
  };
}

const nowMs = Date.UTC(2026, 10, 24, 12, 0, 0);
const NOW = BigInt(nowMs) * 1_000_000n;
const LATEST = BigInt(nowMs + MAX_CLOCK_SKEW_MS) * 1_000_000n;

function extractOne(overrides: Partial<DecodedSpan>, options: Partial<ExtractOptions> = {}) {
  return extractAll([span(overrides)], undefined, options);
}

function extractAll(
  spans: DecodedSpan[],
  leftOut?: LeftOut,
  options: Partial<ExtractOptions> = {},
) {
  return extract({ spanCount: spans.length, spans, leftOut }, { nowMs, ...options });
}

const runId = Buffer.from('run_1');
const ofResource = { namespace: NONE, service: NONE, runId: Buffer.from('job_1') };

describe('extract', () => {
  it.each<[what: string, overrides: Partial<DecodedSpan>, failures: object[], runs: string[]]>([
    [
      'an exception on a failed span',
      { status: 2, exceptions: [exception] },
      [{ handled: false, source: 1 }],
      [],
    ],
    [
      'an exception that was handled',
      { status: 0, exceptions: [exception] },
      [{ handled: true, source: 1 }],
      [],
    ],
    [
      'a handled exception on a span that is OK',
      { status: 1, exceptions: [exception] },
      [{ handled: true }],
      [],
    ],
    [
      'an exception that escaped, on a span that is not failed',
      { status: 1, exceptions: [{ ...exception, escaped: true }] },
      [{ handled: false, status: 2 }],
      [],
    ],
    [
      'an exception that was recorded when its root had ended',
      { parentSpanId: NONE, exceptions: [{ ...exception, time: 10n }] },
      [{ handled: false, status: 2 }],
      ['ab'.repeat(16)],
    ],
    [
      'an exception behind the end of a span that is called OK',
      { status: 1, exceptions: [{ ...exception, time: 10n }] },
      [{ handled: true, status: 1 }],
      [],
    ],
    [
      'several exceptions, of which the status names one',
      {
        status: 2,
        statusMessage: Buffer.from('Error: boom'),
        exceptions: [exception, { ...exception, message: Buffer.from('rollback') }],
      },
      [{ outcome: true }, { outcome: false }],
      [],
    ],
    [
      'what was lost upstream',
      { status: 2, droppedEvents: 7, exceptions: [{ ...exception, droppedAttributes: 1 }] },
      [{ droppedEvents: 7, cutUpstream: true }],
      [],
    ],
    ['a failed span inside a trace, without exception', { status: 2 }, [], []],
    ['a run span that went well', { runId }, [], ['run_1']],
    [
      'a run span with status ERROR alone',
      { runId, status: 2, statusMessage: Buffer.from('no') },
      [{ source: 2, message: Buffer.from('no') }],
      ['run_1'],
    ],
    [
      'a run span with both',
      { runId, status: 2, exceptions: [exception] },
      [{ source: 1 }],
      ['run_1'],
    ],
    [
      'a root that failed without any run id',
      { status: 2, parentSpanId: NONE },
      [{ source: 2 }],
      ['ab'.repeat(16)],
    ],
    [
      'a root whose parent id is zeros',
      { status: 2, parentSpanId: Buffer.alloc(8) },
      [{ source: 2, parentSpanId: NONE }],
      ['ab'.repeat(16)],
    ],
    [
      'the root of a resource with a run id',
      { resource: ofResource, parentSpanId: NONE },
      [],
      ['job_1'],
    ],
    ['an inner span of such a resource', { resource: ofResource, status: 2 }, [], []],
    [
      'an inner span of such a resource with an exception',
      { resource: ofResource, status: 2, exceptions: [exception] },
      [{ runId: Buffer.from('job_1') }],
      ['job_1'],
    ],
    [
      'a span that names another run than its resource',
      { resource: ofResource, runId },
      [],
      ['run_1'],
    ],
  ])('makes of %s what it is', (_, overrides, failures, runs) => {
    const extracted = extractOne(overrides);
    expect(extracted.failures).toMatchObject(failures);
    expect(extracted.failures).toHaveLength(failures.length);
    expect(extracted.runSpans.map((runSpan) => String(runSpan.runId))).toEqual(runs);
    expect(extracted.rejected).toEqual({ items: 0, message: '' });
  });

  it('takes the end of the span for an event without a time', () => {
    const { failures } = extractOne({ exceptions: [{ ...exception, time: 0n }] });
    expect(failures[0]?.occurredAt).toBe(9n);
  });

  it('takes the time of the request for a span that has none', () => {
    const { failures, runSpans } = extractOne({
      runId,
      startedAt: 0n,
      endedAt: 0n,
      exceptions: [{ ...exception, time: 0n }],
    });
    expect(failures).toMatchObject([{ startedAt: 0n, endedAt: NOW, occurredAt: NOW }]);
    expect(runSpans).toMatchObject([{ startedAt: 0n, endedAt: NOW }]);
  });

  it('sets times in the future to the latest that a clock may be ahead, and says so', () => {
    const extracted = extractOne({
      runId,
      startedAt: LATEST + 1n,
      endedAt: 2n ** 64n - 1n,
      exceptions: [{ ...exception, time: 2n ** 63n }],
    });
    const latest = { startedAt: LATEST, endedAt: LATEST };
    expect(extracted.failures).toMatchObject([{ ...latest, occurredAt: LATEST }]);
    expect(extracted.runSpans).toMatchObject([latest]);
    expect(extracted.rejected).toEqual({
      items: 0,
      message:
        '1 spans carry times in the future; they were set back, to 2026-11-24T12:01:00.000Z at most.',
    });
  });

  it('keeps a time that is ahead by no more than that', () => {
    const times = { startedAt: LATEST, endedAt: LATEST };
    const extracted = extractOne({ ...times, exceptions: [{ ...exception, time: LATEST }] });
    expect(extracted.failures).toMatchObject([{ ...times, occurredAt: LATEST }]);
    expect(extracted.rejected.message).toBe('');
  });

  it('writes the namespace of the key into every record, whatever the sender says', () => {
    const resource = { namespace: Buffer.from('bank'), service: NONE, runId };
    const overrides = { resource, parentSpanId: NONE, exceptions: [exception] };
    for (const [namespace, written] of [
      ['shop', 'shop'],
      ['', ''],
      [undefined, 'bank'],
    ] as const) {
      const { failures, runSpans } = extractOne(overrides, { namespace });
      const namespaces = [...failures, ...runSpans].map((record) => String(record.namespace));
      expect(namespaces).toEqual([written, written]);
    }
  });

  it('sets all times of a resource back whose clock is ahead', () => {
    const resource = { namespace: NONE, service: NONE, runId: NONE };
    const hour = 3_600_000_000_000n;
    const minute = 60_000_000_000n;
    const { failures, runSpans } = extractAll([
      span({ resource, runId, startedAt: NOW + hour - minute, endedAt: NOW + hour }),
      span({
        resource,
        status: 2,
        startedAt: NOW + hour - minute,
        endedAt: NOW + hour - minute / 2n,
        exceptions: [{ ...exception, time: NOW + hour - minute / 2n - 1n }],
      }),
    ]);
    expect(runSpans).toMatchObject([{ startedAt: NOW - minute, endedAt: NOW }]);
    expect(failures).toMatchObject([
      { endedAt: NOW - minute / 2n, occurredAt: NOW - minute / 2n - 1n },
    ]);
  });

  it('sets no time back to before there were any, where a clock is ahead', () => {
    const resource = { namespace: NONE, service: NONE, runId: NONE };
    const { failures, runSpans } = extractAll([
      span({ resource, endedAt: NOW + 3_600_000_000_000n }),
      span({ resource, runId, startedAt: 0n, endedAt: 9n, exceptions: [exception] }),
    ]);
    expect(runSpans).toMatchObject([{ startedAt: 0n, endedAt: 9n }]);
    expect(failures).toMatchObject([{ startedAt: 0n, endedAt: 9n, occurredAt: 5n }]);
  });

  it('makes what is grouped by well-formed and short, and leaves texts as they are', () => {
    const invalid = Buffer.from([0x61, 0xff, 0xc3, 0x62]);
    const { failures, rejected } = extractOne({
      resource: { namespace: invalid, service: invalid, runId: NONE },
      name: invalid,
      exceptions: [{ ...exception, type: invalid, message: invalid, stackText: invalid }],
    });
    const wellFormed = Buffer.from('a\uFFFD\uFFFDb');
    expect(failures).toMatchObject([
      {
        namespace: wellFormed,
        service: wellFormed,
        spanName: wellFormed,
        type: wellFormed,
        message: invalid,
        stackText: invalid,
      },
    ]);
    expect(rejected.message).toBe('');
  });

  it.each([
    ['1,024 bytes', 'x'.repeat(1_024), 1_024, false],
    ['1,025 bytes', 'x'.repeat(1_025), 1_024, true],
    ['emoji', `x${'😀'.repeat(1_000)}`, 1_021, true],
    ['bytes that are not UTF-8', Buffer.alloc(5_000, 0xff), 1_023, true],
    ['a text of 20 MB', 'y'.repeat(20_000_000), 1_024, true],
  ])('cuts a name of %s at a character, and says so', (_, name, length, isCut) => {
    for (const overrides of [
      { name: Buffer.from(name) },
      { resource: { namespace: NONE, service: Buffer.from(name), runId: NONE } },
      { resource: { namespace: Buffer.from(name), service: NONE, runId: NONE } },
    ]) {
      const { failures, rejected } = extractOne({ ...overrides, exceptions: [exception] });
      const [failure] = failures;
      const lengths = [failure?.spanName, failure?.service, failure?.namespace].map(
        (text) => text?.length,
      );
      expect(lengths).toContain(length);
      expect(failure?.spanName.toString()).toBe(failure?.spanName.toString().toWellFormed());
      expect(rejected.message !== '').toBe(isCut);
      if (isCut) expect(rejected.message).toMatch(/^1 spans carry a namespace, .* 1024 bytes/);
    }
  });

  it.each([
    ['items', 'a request may hold at most 100000 spans. Send smaller batches.'],
    ['attributes', 'a request may hold at most 100000 attributes. Send smaller batches.'],
    ['failures', 'a request may hold at most 100000 failures. Send smaller batches.'],
  ] as const)('says how many spans the limit of %s kept out', (limit, words) => {
    const leftOut = { items: 12, limit, maximum: 100_000 };
    const extracted = extractAll([span({ traceId: NONE })], leftOut);
    expect(extracted.rejected).toEqual({
      items: 13,
      message: expect.stringMatching(/^12 spans were rejected: .* 1 spans were rejected: a trace/),
    });
    expect(extracted.rejected.message).toContain(`12 spans were rejected: ${words}`);
  });

  it.each([
    ['a trace id of zeros', { traceId: Buffer.alloc(16) }],
    ['a trace id of another length', { traceId: Buffer.alloc(15, 1) }],
    ['no span id', { spanId: NONE }],
  ])('rejects a span with %s, and says so', (_, overrides) => {
    const extracted = extractOne({ ...overrides, exceptions: [exception] });
    expect(extracted.failures).toEqual([]);
    expect(extracted.rejected).toEqual({ items: 1, message: expect.stringContaining('trace id') });
  });

  it.each([
    ['257 characters', 'x'.repeat(257), false],
    ['256 characters of four bytes', '😀'.repeat(256), true],
    ['a line break', 'a\nb', false],
    ['a NUL', 'a\0b', false],
    ['a slash and a quote', 'a/"b', true],
    ['bytes that are not UTF-8', Buffer.from([0x61, 0xff]), false],
    ['half of a character at its end', Buffer.from('aé').subarray(0, 2), false],
  ])('of a run id with %s keeps the failure, whatever becomes of the id', (_, id, isUsed) => {
    const extracted = extractOne({
      runId: Buffer.from(id),
      status: 2,
      parentSpanId: NONE,
      exceptions: [exception],
    });
    expect(extracted.failures).toHaveLength(1);
    expect(String(extracted.runSpans[0]?.runId)).toBe(isUsed ? String(id) : 'ab'.repeat(16));
    expect(extracted.rejected.items).toBe(0);
    expect(extracted.rejected.message === '').toBe(isUsed);
  });
});
