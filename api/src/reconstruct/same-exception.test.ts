import { describe, expect, it } from 'vitest';
import { before, failureRow, formOf } from '../testing/rows.ts';
import { distinctExceptions, withoutRedelivered } from './same-exception.ts';

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
  const inner = { spanId: '2222222222222222' };

  it('keeps the outermost of an exception that passed through several spans', () => {
    const outermost = failureRow();
    expect(distinctExceptions([outermost, failureRow(inner)])).toEqual([outermost]);
  });

  it('counts an exception once that came as a span event and as a log record', () => {
    expect(distinctExceptions([failureRow(), failureRow({ source: 'log_record' })])).toHaveLength(
      1,
    );
  });

  it.each([
    ['message', { message: 'else' }],
    ['stack text', { textHash: 'e'.repeat(32) }],
    ['type', { errorType: 'OtherError' }],
    ['place of the message', { templateForm: formOf(96, 13) }],
    ['what was cut out', { cuts: [Buffer.from('4712')] }],
    ['how much was cut out', { cuts: [Buffer.from('47'), Buffer.from('11')] }],
  ])('keeps exceptions that differ in their %s', (_, difference) => {
    expect(
      distinctExceptions([failureRow(), failureRow({ ...inner, ...difference })]),
    ).toHaveLength(2);
  });

  it('prefers the recording that was not handled', () => {
    const unhandled = failureRow(inner);
    expect(distinctExceptions([failureRow({ handled: true }), unhandled])).toEqual([unhandled]);
  });

  it('keeps every span that ended in ERROR without an exception', () => {
    const status = { source: 'span_status' as const, templateForm: Buffer.alloc(0), textHash: '' };
    const rows = [failureRow(status), failureRow({ ...status, ...inner })];
    expect(distinctExceptions(rows)).toHaveLength(2);
  });
});
