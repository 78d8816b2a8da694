import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { before, failureRow, spanRow } from '../testing/rows.ts';
import { inOrderOfCause } from './failure-order.ts';
import { createSpanTree } from './span-tree.ts';

/** A failing span: its id, its parent's, and how many seconds ago it ended. */
function failing(spanId: string, parentSpanId: string, ended: number, message = spanId) {
  return failureRow({ spanId, parentSpanId, spanEndedAt: before(ended), message });
}

function order(failures: ReturnType<typeof failing>[], topmost?: string): string[] {
  const span = topmost === undefined ? undefined : spanRow({ spanId: topmost });
  return inOrderOfCause(createSpanTree(failures, span)).map((row) =>
    Buffer.from(row.message).toString(),
  );
}

describe('inOrderOfCause', () => {
  it('goes from the run span down the parents, whatever the clocks say', () => {
    const spans = [failing('c', 'b', 1), failing('a', '', 9), failing('b', 'a', 5)];
    expect(order(spans, 'a')).toEqual(['a', 'b', 'c']);
  });

  it('keeps a chain together before it turns to the next one', () => {
    const spans = [
      failing('a', '', 10),
      failing('b', 'a', 20),
      failing('below b', 'b', 50),
      failing('c', 'a', 30),
      failing('below c', 'c', 40),
    ];
    expect(order(spans, 'a')).toEqual(['a', 'b', 'below b', 'c', 'below c']);
  });

  it('puts a span with an unknown parent below the run span, by its end', () => {
    const spans = [failing('a', '', 10), failing('b', 'a', 30), failing('lost', 'gone', 20)];
    expect(order(spans, 'a')).toEqual(['a', 'lost', 'b']);
  });

  it('starts with what ended last when the run span itself has no failure', () => {
    const spans = [failing('b', 'x', 30), failing('c', 'y', 20)];
    expect(order(spans, 'a')).toEqual(['c', 'b']);
    expect(order(spans)).toEqual(['c', 'b']);
  });

  it('takes the last exception of a span for what it ended with', () => {
    const early = { ...failing('a', '', 10, 'first'), occurredAt: before(12) };
    const late = { ...failing('a', '', 10, 'last'), occurredAt: before(11) };
    expect(order([early, late], 'a')).toEqual(['last', 'first']);
  });

  it('takes the one that its span’s status names, before the last', () => {
    const named = { ...failing('a', '', 10, 'real'), occurredAt: before(12), outcome: true };
    const rollback = { ...failing('a', '', 10, 'rollback'), occurredAt: before(11) };
    expect(order([rollback, named], 'a')).toEqual(['real', 'rollback']);
  });

  it('takes the exception that was not handled, before the last', () => {
    const real = { ...failing('a', '', 10, 'real'), occurredAt: before(12) };
    const handled = { ...failing('a', '', 10, 'handled'), occurredAt: before(11), handled: true };
    expect(order([handled, real], 'a')).toEqual(['real', 'handled']);
  });

  it('puts that child first which the status above names, whatever the clocks say', () => {
    const status = { ...failing('a', '', 60, 'card declined'), source: 'span_status' as const };
    const ahead = failing('b', 'a', -3_600, 'rollback failed');
    const real = failing('c', 'a', 62, 'card declined');
    expect(order([status, ahead, real], 'a')).toEqual([
      'card declined',
      'card declined',
      'rollback failed',
    ]);
  });

  it('puts a child whose clock is outside of the time of the span above behind the others', () => {
    const within = { spanStartedAt: before(60.9) };
    const right = { ...failing('b', 'a', 60.5), ...within };
    const ahead = { ...failing('c', 'a', -3_600), spanStartedAt: before(-3_599) };
    expect(order([ahead, right], 'a')).toEqual(['b', 'c']);
  });

  it('learns the parent of a span from whichever of its rows knows it', () => {
    const log = failing('b', '', 90, 'logged');
    expect(order([log, failing('b', 'a', 30, 'b'), failing('a', '', 20)], 'a')).toEqual([
      'a',
      'b',
      'logged',
    ]);
  });

  it('survives a chain of 20,000 spans', () => {
    const spans = Array.from({ length: 20_000 }, (_, index) =>
      failing(`${index}`, index === 0 ? '' : `${index - 1}`, index),
    );
    expect(order(spans, '0')).toEqual(spans.map((_, index) => `${index}`));
  });

  it('loses and repeats nothing, even among rings of parents', () => {
    const id = fc.constantFrom('', 'a', 'b', 'c', 'd');
    const span = fc.record({ spanId: id, parentSpanId: id, ended: fc.nat(5) });
    fc.assert(
      fc.property(fc.array(span), fc.option(id, { nil: undefined }), (spans, topmost) => {
        const failures = spans.map((one, index) =>
          failing(one.spanId, one.parentSpanId, one.ended, `${index}`),
        );
        expect(order(failures, topmost).toSorted()).toEqual(
          failures.map((_, i) => `${i}`).toSorted(),
        );
      }),
    );
  });
});
