import { describe, expect, it } from 'vitest';
import type { DecodedSpan } from '../decode/decoded-span.ts';
import { extract } from './extract.ts';

const NONE = Buffer.alloc(0);
const exception = {
  time: 5n,
  type: Buffer.from('Error'),
  message: Buffer.from('boom'),
  stackText: Buffer.from('Error: boom\n    at x'),
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
    ...overrides,
  };
}

function extractOne(overrides: Partial<DecodedSpan>) {
  return extract({ spanCount: 1, spans: [span(overrides)] });
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
    expect(extracted.rejected).toEqual({ spans: 0, message: '' });
  });

  it('takes the end of the span for an event without a time', () => {
    const { failures } = extractOne({ exceptions: [{ ...exception, time: 0n }] });
    expect(failures[0]?.occurredAt).toBe(9n);
  });

  it.each([
    ['a trace id of zeros', { traceId: Buffer.alloc(16) }],
    ['a trace id of another length', { traceId: Buffer.alloc(15, 1) }],
    ['no span id', { spanId: NONE }],
  ])('rejects a span with %s, and says so', (_, overrides) => {
    const extracted = extractOne({ ...overrides, exceptions: [exception] });
    expect(extracted.failures).toEqual([]);
    expect(extracted.rejected).toEqual({ spans: 1, message: expect.stringContaining('trace id') });
  });

  it.each([
    ['257 characters', 'x'.repeat(257), false],
    ['256 characters of four bytes', '😀'.repeat(256), true],
    ['a line break', 'a\nb', false],
    ['a NUL', 'a\0b', false],
    ['a slash and a quote', 'a/"b', true],
  ])('of a run id with %s keeps the failure, whatever becomes of the id', (_, id, isUsed) => {
    const extracted = extractOne({
      runId: Buffer.from(id),
      status: 2,
      parentSpanId: NONE,
      exceptions: [exception],
    });
    expect(extracted.failures).toHaveLength(1);
    expect(String(extracted.runSpans[0]?.runId)).toBe(isUsed ? id : 'ab'.repeat(16));
    expect(extracted.rejected.spans).toBe(0);
    expect(extracted.rejected.message === '').toBe(isUsed);
  });
});
