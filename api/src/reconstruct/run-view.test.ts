import { describe, expect, it } from 'vitest';
import type { RunRows } from '../read/rows.ts';
import { before, failureRow, now, spanRow, traceId } from '../testing/rows.ts';
import { reconstructRun } from './run-view.ts';

const secondTrace = 'b'.repeat(32);
const child = { spanId: '2222222222222222', parentSpanId: '1111111111111111' };

function reconstruct(rows: Partial<RunRows>, runId = 'run_1') {
  return reconstructRun(runId, { spans: [], failures: [], ...rows }, now);
}

describe('the status of a run', () => {
  it.each([
    ['error', 'failed'],
    ['unset', 'ok'],
    ['ok', 'ok'],
  ] as const)('follows its root span: %s is %s', (status, expected) => {
    expect(reconstruct({ spans: [spanRow({ status })] })?.status).toBe(expected);
  });

  it('follows the root, not a failed span below it', () => {
    const inner = spanRow({ ...child, startedAt: before(70), status: 'error' });
    expect(reconstruct({ spans: [inner, spanRow({ status: 'ok' })] })?.status).toBe('ok');
  });

  it('follows the span that started first where no root names the run', () => {
    const first = spanRow({ ...child, startedAt: before(70), status: 'unset' });
    const second = spanRow({ ...child, spanId: '3333333333333333', startedAt: before(65) });
    expect(reconstruct({ spans: [second, first] })?.status).toBe('ok');
  });

  it('is failed where nothing but an unhandled failure is known', () => {
    expect(reconstruct({ failures: [failureRow()] }, traceId)?.status).toBe('failed');
  });

  it('is unknown where nothing but a handled failure is known', () => {
    const run = reconstruct({ failures: [failureRow({ handled: true })] }, traceId);
    expect(run).toMatchObject({ status: 'unknown', errorMessage: '' });
  });

  it('is that of the latest attempt', () => {
    const failed = spanRow({ startedAt: before(100), endedAt: before(90) });
    const retried = spanRow({ traceId: secondTrace, status: 'ok' });
    const run = reconstruct({ spans: [retried, failed], failures: [failureRow()] });
    expect(run).toMatchObject({
      status: 'ok',
      errorMessage: '',
      startedAt: before(100),
      endedAt: before(60),
      attempts: [
        { attempt: 1, traceId, status: 'failed' },
        { attempt: 2, traceId: secondTrace, status: 'ok' },
      ],
    });
  });
});

describe('the failures of a run', () => {
  it('leave out those that name another run of the same trace', () => {
    const run = reconstruct({
      spans: [spanRow()],
      failures: [failureRow({ runId: 'run_2' }), failureRow({ runId: 'run_1', ...child })],
    });
    expect(run?.attempts[0]?.failures).toMatchObject([{ runId: 'run_1' }]);
  });

  it('leave out those of traces that another run asked for', () => {
    const rows = { spans: [spanRow()], failures: [failureRow({ traceId: secondTrace })] };
    expect(reconstruct(rows)?.attempts).toMatchObject([{ traceId, failures: [] }]);
  });

  it('are the same however often and in whichever order they were delivered', () => {
    const rows = [failureRow({ message: 'outer' }), failureRow({ message: 'inner', ...child })];
    const once = reconstruct({ spans: [spanRow()], failures: rows });
    const again = reconstruct({
      spans: [spanRow(), spanRow()],
      failures: [...rows, ...rows].toReversed(),
    });
    expect(again).toEqual(once);
  });

  it('are missing of a run that nobody recorded', () => {
    expect(reconstruct({ spans: [spanRow({ runId: 'run_2' })] })).toBeUndefined();
  });
});

describe('the error of a run', () => {
  it('is the failure that the run ended with', () => {
    const run = reconstruct({
      spans: [spanRow()],
      failures: [
        failureRow({ message: 'cause', ...child }),
        failureRow({ message: 'handled', handled: true, occurredAt: before(1) }),
        failureRow({ message: 'outcome', fingerprint: '0123' }),
      ],
    });
    expect(run).toMatchObject({
      errorType: 'OrderError',
      errorMessage: 'outcome',
      fingerprint: '0123',
    });
  });

  const bare = { source: 'span_status', errorType: '', textBytes: 0, textHash: '' } as const;

  it('is the message of a status without an exception', () => {
    const run = reconstruct({
      spans: [spanRow()],
      failures: [failureRow({ ...bare, message: 'no stock' })],
    });
    expect(run).toMatchObject({ status: 'failed', errorType: '', errorMessage: 'no stock' });
  });

  it('is the cause below where a status says nothing', () => {
    const run = reconstruct({
      spans: [spanRow()],
      failures: [failureRow({ ...bare, message: '' }), failureRow({ ...child, message: 'cause' })],
    });
    expect(run?.errorMessage).toBe('cause');
  });

  it('is the status message of the run span where no failure is known', () => {
    expect(reconstruct({ spans: [spanRow({ statusMessage: 'no stock' })] })?.errorMessage).toBe(
      'no stock',
    );
  });
});

describe('the reason for no text', () => {
  it.each([
    ['pending', 'error', 9.999],
    ['not_recorded', 'error', 10],
    ['not_recorded', 'ok', 1],
  ] as const)('is %s for a run that ended %s %s s ago', (reason, status, seconds) => {
    const run = reconstruct({ spans: [spanRow({ status, endedAt: before(seconds) })] });
    expect(run?.reasonForNoText).toBe(reason);
  });

  it.each([
    ['the failures', spanRow(), failureRow({ expiresAt: now / 1000 })],
    [
      'everything',
      spanRow({ expiresAt: now / 1000, statusMessage: 'gone' }),
      failureRow({ expiresAt: now / 1000 }),
    ],
  ])('is expired, and nothing of it is told, when %s expired', (_, span, failure) => {
    const run = reconstruct({ spans: [span], failures: [failure] });
    expect(run).toMatchObject({
      status: 'failed',
      errorType: '',
      errorMessage: '',
      fingerprint: '',
      reasonForNoText: 'expired',
      expiredAt: now / 1000,
      attempts: [{ failures: [] }],
    });
  });

  it('is not expired one second earlier', () => {
    const run = reconstruct({
      spans: [spanRow()],
      failures: [failureRow({ expiresAt: now / 1000 + 1 })],
    });
    expect(run).toMatchObject({ errorMessage: 'boom', expiredAt: undefined });
  });
});
