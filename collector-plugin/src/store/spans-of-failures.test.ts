import { describe, expect, it } from 'vitest';
import type { Failure, RunSpan } from '../extract/failure.ts';
import { spansOfFailures } from './spans-of-failures.ts';

const span: RunSpan = {
  traceId: Buffer.alloc(16, 1),
  spanId: Buffer.alloc(8, 2),
  parentSpanId: Buffer.alloc(0),
  runId: Buffer.from('run_1'),
  namespace: Buffer.from('shop'),
  service: Buffer.from('orders'),
  spanName: Buffer.from('place order'),
  startedAt: 1_000n,
  endedAt: 9_000n,
  status: 2,
};

const failure: Failure = {
  ...span,
  source: 1,
  occurredAt: 5_000n,
  handled: false,
  outcome: false,
  cutUpstream: false,
  droppedEvents: 0,
  type: Buffer.from('OrderError'),
  message: Buffer.alloc(0),
  stackText: Buffer.alloc(0),
};

function speaks(failures: Failure[], runSpans: RunSpan[]): [spoken: number, others: number] {
  const { spanOf, others } = spansOfFailures({
    failures,
    runSpans,
    rejected: { items: 0, message: '' },
  });
  return [spanOf.size, others.length];
}

describe('spansOfFailures', () => {
  it('lets one failure of a span speak for it', () => {
    expect(speaks([failure, { ...failure, occurredAt: 6_000n }], [span])).toEqual([1, 0]);
  });

  it('lets a failure without a run id speak for a span that stands for its trace', () => {
    const bare = { ...span, runId: Buffer.from('01'.repeat(16)) };
    expect(speaks([{ ...failure, runId: Buffer.alloc(0) }], [bare])).toEqual([1, 0]);
  });

  it.each<[string, Partial<Failure>]>([
    ['of another span', { spanId: Buffer.alloc(8, 3) }],
    ['of the same id in another namespace', { namespace: Buffer.from('bank') }],
    ['that names another run', { runId: Buffer.from('run_2') }],
    ['of another parent', { parentSpanId: Buffer.alloc(8, 4) }],
    ['with other times', { endedAt: 9_001n }],
    ['that occurred after the end of the span', { occurredAt: 9_001n }],
  ])('leaves the span its own record beside a failure %s', (_, other) => {
    expect(speaks([{ ...failure, ...other }], [span])).toEqual([0, 1]);
  });

  it('keeps every span of one id', () => {
    expect(speaks([failure], [{ ...span, endedAt: 8_000n }, span])).toEqual([1, 1]);
    expect(speaks([failure], [span, { ...span, service: Buffer.from('other') }])).toEqual([0, 2]);
  });
});
