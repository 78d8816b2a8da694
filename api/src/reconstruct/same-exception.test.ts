import { describe, expect, it } from 'vitest';
import { before, failureRow, formOf } from '../testing/rows.ts';
import type { FailureRow } from '../read/rows.ts';
import { distinctExceptions, withoutRedelivered } from './same-exception.ts';
import { createSpanTree } from './span-tree.ts';

function distinct(failures: readonly FailureRow[]) {
  return distinctExceptions(failures, createSpanTree(failures, undefined));
}

describe('withoutRedelivered', () => {
  it('drops a row that was delivered twice', () => {
    expect(withoutRedelivered([failureRow(), failureRow()])).toHaveLength(1);
  });

  it.each([
    ['span', { spanId: '2222222222222222' }],
    ['time', { occurredAt: before(1) }],
    ['source', { source: 'log_record' as const }],
    ['type', { errorType: 'OtherError' }],
    ['message alone', { message: 'other' }],
  ])('keeps rows that differ in their %s', (_, difference) => {
    expect(withoutRedelivered([failureRow(), failureRow(difference)])).toHaveLength(2);
  });
});

describe('distinctExceptions', () => {
  const inner = { spanId: '2222222222222222', parentSpanId: '1111111111111111' };

  it('keeps the outermost of an exception that passed through several spans', () => {
    const outermost = failureRow();
    expect(distinct([outermost, failureRow(inner)])).toMatchObject([
      { spanId: outermost.spanId, occurrences: 1, seenOn: [{}, { spanId: inner.spanId }] },
    ]);
  });

  it('counts an exception once that came as a span event and as a log record', () => {
    expect(distinct([failureRow(), failureRow({ source: 'log_record' })])).toHaveLength(1);
  });

  it.each([
    ['message', { message: 'else' }],
    ['stack text', { textHash: 'e'.repeat(32) }],
    ['type', { errorType: 'OtherError' }],
    ['place of the message', { templateForm: formOf(96, 13) }],
    ['what was cut out', { cuts: [Buffer.from('4712')] }],
    ['how much was cut out', { cuts: [Buffer.from('47'), Buffer.from('11')] }],
  ])('keeps exceptions that differ in their %s', (_, difference) => {
    expect(distinct([failureRow(), failureRow({ ...inner, ...difference })])).toHaveLength(2);
  });

  it('knows a type of which a log record has the last part alone, and no other record', () => {
    const spanEvent = failureRow({ errorType: '__main__.LedgerError' });
    const logged = failureRow({ source: 'log_record', errorType: 'LedgerError', spanName: '' });
    expect(distinct([logged, spanEvent])).toMatchObject([
      { errorType: '__main__.LedgerError', spanName: 'place order', occurrences: 1 },
    ]);
    expect(distinct([spanEvent, failureRow({ errorType: 'LedgerError' })])).toHaveLength(2);
    expect(distinct([logged, failureRow({ errorType: 'main.OtherError' })])).toHaveLength(2);
  });

  it('prefers the recording that was not handled', () => {
    const unhandled = failureRow(inner);
    expect(distinct([failureRow({ handled: true }), unhandled])).toMatchObject([
      { spanId: inner.spanId, handled: false },
    ]);
  });

  /** On four spans, each below the one before, with a text of its own. */
  const onItsWay = (texts: readonly string[]) =>
    texts.map((textHash, level) =>
      failureRow({
        spanId: `${level + 1}`.repeat(16),
        parentSpanId: level === 0 ? '' : `${level}`.repeat(16),
        textHash: textHash.padEnd(32, `${level}`),
        templateForm: formOf(100 + 10 * level, 12),
      }),
    );

  it('knows one that gets frames on its way by its innermost frame, and keeps the fullest text', () => {
    const [kept, ...others] = distinct(onItsWay(['aabb', 'aabb', 'aabb', 'aabb']));
    expect(others).toEqual([]);
    expect(kept).toMatchObject({ spanId: '4'.repeat(16), occurrences: 1 });
    expect(kept?.seenOn).toHaveLength(4);
  });

  it('keeps exceptions of one kind and message that came up in different places', () => {
    expect(distinct(onItsWay(['aabb', 'ccbb']))).toHaveLength(2);
  });

  it('counts two branches twice though the span above recorded one of them too', () => {
    const above = failureRow({ spanId: '1'.repeat(16) });
    const branches = ['2', '3'].map((digit) =>
      failureRow({ spanId: digit.repeat(16), parentSpanId: '1'.repeat(16) }),
    );
    expect(distinct([above, ...branches])).toMatchObject([{ occurrences: 2 }]);
  });

  it('counts what happened in branches side by side, and names their spans', () => {
    const branches = ['2', '3', '4'].map((digit) =>
      failureRow({ spanId: digit.repeat(16), parentSpanId: '1'.repeat(16), spanName: digit }),
    );
    expect(distinct(branches)).toMatchObject([
      { occurrences: 3, seenOn: [{ spanName: '2' }, { spanName: '3' }, { spanName: '4' }] },
    ]);
  });

  it('takes a span for one above where it encloses the other and nothing is known between them', () => {
    const outer = failureRow({ spanId: '5'.repeat(16), spanStartedAt: before(90) });
    const within = failureRow({ spanId: '6'.repeat(16), parentSpanId: '7'.repeat(16) });
    expect(distinct([outer, within])).toMatchObject([{ occurrences: 1 }]);
  });

  it('keeps every span that ended in ERROR without an exception', () => {
    const status = { source: 'span_status' as const, templateForm: Buffer.alloc(0), textHash: '' };
    const rows = [failureRow(status), failureRow({ ...status, ...inner })];
    expect(distinct(rows)).toHaveLength(2);
  });
});
