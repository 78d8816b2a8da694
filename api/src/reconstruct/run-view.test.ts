import { describe, expect, it } from 'vitest';
import type { RunRows } from '../read/rows.ts';
import { before, failureRow, noRows, now, spanRow, traceId } from '../testing/rows.ts';
import { reconstructRuns } from './run-view.ts';

const secondTrace = 'b'.repeat(32);
const child = { spanId: '2222222222222222', parentSpanId: '1111111111111111' };

function reconstruct(rows: Partial<RunRows>, runId = 'run_1') {
  const [run, ...others] = reconstructRuns(runId, { ...noRows, ...rows }, now);
  expect(others).toEqual([]);
  return run;
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
    expect(run).toMatchObject({ status: 'unknown', shown: undefined });
  });

  it('is that of the latest attempt', () => {
    const failed = spanRow({ startedAt: before(100), endedAt: before(90) });
    const retried = spanRow({ traceId: secondTrace, status: 'ok' });
    const run = reconstruct({ spans: [retried, failed], failures: [failureRow()] });
    expect(run).toMatchObject({
      status: 'ok',
      shown: undefined,
      startedAt: before(100),
      endedAt: before(60),
      attempts: [
        { attempt: 1, traces: [{ traceId }], status: 'failed' },
        { attempt: 2, traces: [{ traceId: secondTrace }], status: 'ok' },
      ],
    });
  });
});

describe('the steps of a run', () => {
  const step = (name: string, started: number, ended: number, status: 'ok' | 'error') =>
    spanRow({
      traceId: `${started}`.padStart(32, 'c'),
      spanName: name,
      startedAt: before(started),
      endedAt: before(ended),
      status,
    });
  const told = (...spans: ReturnType<typeof step>[]) => {
    const run = reconstruct({ spans });
    return [run?.status, run?.name, run?.attempts.map(({ traces }) => traces.length).join()];
  };

  it('are one attempt, which failed where one of them did', () => {
    expect(
      told(
        step('load', 90, 80, 'ok'),
        step('transform', 79, 70, 'error'),
        step('store', 69, 60, 'ok'),
      ),
    ).toEqual(['failed', 'transform', '3']);
  });

  it('that are repeated are the next attempt', () => {
    expect(told(step('load', 90, 80, 'error'), step('load', 79, 70, 'ok'))).toEqual([
      'ok',
      'load',
      '1,1',
    ]);
    expect(
      told(
        step('load', 99, 95, 'ok'),
        step('transform', 94, 90, 'error'),
        step('load', 89, 85, 'ok'),
        step('transform', 84, 80, 'ok'),
      ),
    ).toEqual(['ok', 'transform', '2,2']);
  });

  it('fail the run though another one was repeated', () => {
    expect(
      told(
        step('load', 99, 95, 'error'),
        step('transform', 94, 90, 'ok'),
        step('transform', 84, 80, 'ok'),
      ),
    ).toEqual(['failed', 'load', '2,1']);
  });

  it('of the same name that overlap do not repeat each other', () => {
    expect(told(step('part', 90, 60, 'error'), step('part', 80, 50, 'ok'))).toEqual([
      'failed',
      'part',
      '2',
    ]);
  });
});

describe('an exception that its span does not call an error', () => {
  const inner = failureRow({ ...child, handled: true, status: 'unset', message: 'lost' });
  const status = failureRow({
    source: 'span_status',
    errorType: '',
    textHash: '',
    templateForm: Buffer.alloc(0),
  });

  it('is the trace of a run that failed, where nothing else explains it', () => {
    const run = reconstruct({ spans: [spanRow()], failures: [inner, status] });
    expect(run?.attempts[0]?.failures).toMatchObject([
      { source: 'span_status' },
      { message: Buffer.from('lost'), handled: false },
    ]);
  });

  it('is handled where another failure explains the run, or it ended well', () => {
    const other = failureRow({ message: 'other' });
    const explained = reconstruct({ spans: [spanRow()], failures: [inner, other] });
    expect(explained?.attempts[0]?.failures.map(({ handled }) => handled)).toEqual([false, true]);
    const well = reconstruct({ spans: [spanRow({ status: 'ok' })], failures: [inner, other] });
    expect(well?.attempts[0]?.failures.map(({ handled }) => handled)).toEqual([true, true]);
  });

  it('is handled where its span is expressly OK and there are others', () => {
    const spokenFor = { ...inner, status: 'ok' as const, message: Buffer.from('spoken for') };
    const run = reconstruct({ spans: [spanRow()], failures: [inner, spokenFor, status] });
    expect(
      run?.attempts[0]?.failures
        .filter(({ handled }) => handled)
        .map(({ message }) => Buffer.from(message).toString()),
    ).toEqual(['spoken for']);
    const alone = reconstruct({ spans: [spanRow()], failures: [spokenFor, status] });
    expect(alone?.attempts[0]?.failures.every(({ handled }) => !handled)).toBe(true);
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
    expect(reconstruct(rows)?.attempts).toMatchObject([{ traces: [{ traceId }], failures: [] }]);
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
        failureRow({ message: 'outcome' }),
      ],
    });
    expect(run).toMatchObject({
      shown: { errorType: 'OrderError', message: Buffer.from('outcome') },
    });
  });

  it('is one of its own namespace, where there is one, whatever others add to the trace', () => {
    const run = reconstruct({
      spans: [spanRow({ namespace: 'shop' })],
      failures: [
        failureRow({ namespace: 'evil', message: 'theirs', spanEndedAt: before(1) }),
        failureRow({ namespace: 'shop', message: 'own' }),
      ],
    });
    expect(String(run?.shown?.message)).toBe('own');
  });

  const bare = {
    source: 'span_status',
    errorType: '',
    templateForm: Buffer.alloc(0),
    textHash: '',
  } as const;

  it('is the message of a status without an exception', () => {
    const run = reconstruct({
      spans: [spanRow()],
      failures: [failureRow({ ...bare, message: 'no stock' })],
    });
    expect(run).toMatchObject({
      status: 'failed',
      shown: { errorType: '', message: Buffer.from('no stock') },
    });
  });

  it('is the cause below where a status says nothing', () => {
    const run = reconstruct({
      spans: [spanRow()],
      failures: [failureRow({ ...bare, message: '' }), failureRow({ ...child, message: 'cause' })],
    });
    expect(String(run?.shown?.message)).toBe('cause');
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
    ['everything', spanRow({ expiresAt: now / 1000 }), failureRow({ expiresAt: now / 1000 })],
  ])('is expired, and nothing of it is told, when %s expired', (_, span, failure) => {
    const run = reconstruct({ spans: [span], failures: [failure] });
    expect(run).toMatchObject({
      status: 'failed',
      shown: undefined,
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
    expect(run).toMatchObject({ shown: { errorType: 'OrderError' }, expiredAt: undefined });
  });
});

describe('the namespace of a run', () => {
  const names = (rows: Partial<RunRows>, runId = 'run_1') =>
    reconstructRuns(runId, { ...noRows, ...rows }, now).map(({ namespace, status, attempts }) => [
      namespace,
      status,
      attempts.length,
    ]);

  it('tells runs of one id apart: what happens to one is not seen in the other', () => {
    const failed = spanRow({ namespace: 'a', startedAt: before(100), endedAt: before(90) });
    const went = spanRow({ namespace: 'b', traceId: secondTrace, status: 'ok' });
    expect(names({ spans: [went, failed] })).toEqual([
      ['a', 'failed', 1],
      ['b', 'ok', 1],
    ]);
  });

  it('is that of the topmost span; what fails below it elsewhere is part of it', () => {
    const root = spanRow({ namespace: 'shop' });
    const below = spanRow({ ...child, namespace: 'payments', startedAt: before(70) });
    const failures = [failureRow({ ...child, namespace: 'payments', message: 'declined' })];
    const runs = reconstructRuns('run_1', { ...noRows, spans: [below, root], failures }, now);
    expect(runs).toMatchObject([
      { namespace: 'shop', attempts: [{ failures: [{ namespace: 'payments' }] }] },
    ]);
  });

  it('is that of the span which started first where no root is known', () => {
    const first = spanRow({ ...child, namespace: 'shop', startedAt: before(70) });
    const second = spanRow({ ...child, spanId: '3333333333333333', namespace: 'payments' });
    expect(names({ spans: [second, first] })).toEqual([['shop', 'failed', 1]]);
  });

  it('cannot be taken over by a root that somebody else sends into the trace', () => {
    const own = spanRow({ namespace: 'a' });
    const forged = spanRow({
      namespace: 'b',
      spanId: '9999999999999999',
      startedAt: before(9_000),
      status: 'ok',
    });
    expect(names({ spans: [forged, own] })).toEqual([
      ['a', 'failed', 1],
      ['b', 'ok', 1],
    ]);
  });

  it('may be the empty one', () => {
    expect(names({ spans: [spanRow({ namespace: '' })] })).toEqual([['', 'failed', 1]]);
  });

  it('of a run under its trace id is that of the topmost failure', () => {
    const failures = [
      failureRow({ ...child, namespace: 'payments', message: 'cause', spanStartedAt: before(99) }),
      failureRow({ namespace: 'shop' }),
    ];
    expect(names({ failures }, traceId)).toEqual([['shop', 'failed', 1]]);
  });
});

describe('a run under the id of its trace', () => {
  it('is none where a span of the trace names a run', () => {
    const rows = { failures: [failureRow()], spans: [spanRow({ runId: traceId })] };
    expect(reconstruct(rows, traceId)).toBeDefined();
    expect(
      reconstruct({ ...rows, namedTraces: new Map([[traceId, new Set(['shop'])]]) }, traceId),
    ).toBeUndefined();
  });
});
