import { TemplateForm } from '@failtrace/collector-plugin/schema';
import type { FailureRow, RunRows, RunSpanRow } from '../read/rows.ts';

/** The moment at which tests of pure functions play, in milliseconds since the epoch. */
export const now = Date.UTC(2026, 10, 22, 12);

/** Nanoseconds since the epoch, so many seconds before {@link now}. */
export function before(seconds: number): bigint {
  return BigInt(now) * 1_000_000n - BigInt(seconds * 1000) * 1_000_000n;
}

export const traceId = 'a'.repeat(32);

/** What ClickHouse answers when it knows nothing of a run. */
export const noRows: RunRows = {
  spans: [],
  failures: [],
  namedTraces: new Map(),
  leftOut: new Map(),
  cutRuns: new Set(),
  fits: true,
};

/** The form of a template that has the message cut out at an offset, and nothing else. */
export function formOf(templateBytes: number, messageAt: number): Buffer {
  const form = new TemplateForm();
  form.message(messageAt);
  return form.packed(templateBytes);
}

type FailureOverrides = Omit<Partial<FailureRow>, 'message'> & { message?: string };

/** An unhandled exception with a stack text, on a root span that ended a minute ago. */
export function failureRow({ message = 'boom', ...overrides }: FailureOverrides = {}): FailureRow {
  return {
    runId: '',
    traceId,
    spanId: '1111111111111111',
    parentSpanId: '',
    namespace: 'shop',
    service: 'orders',
    spanName: 'place order',
    spanStartedAt: before(61),
    spanEndedAt: before(60),
    occurredAt: overrides.spanEndedAt ?? before(60),
    status: 'error',
    handled: false,
    outcome: false,
    headless: false,
    cutUpstream: false,
    droppedEvents: 0,
    source: 'span_event',
    errorType: 'OrderError',
    message: Buffer.from(message),
    messageBytes: Buffer.byteLength(message),
    messageHash: '',
    textHash: 'f'.repeat(32),
    // Of 100 bytes, with the message.
    templateForm: formOf(100 - Buffer.byteLength(message), 12),
    cuts: [],
    expiresAt: now / 1000 + 86_400,
    ...overrides,
  };
}

/** A root span of the run `run_1` that ended in ERROR a minute ago. */
export function spanRow(overrides: Partial<RunSpanRow> = {}): RunSpanRow {
  return {
    runId: 'run_1',
    traceId,
    spanId: '1111111111111111',
    parentSpanId: '',
    namespace: 'shop',
    service: 'orders',
    spanName: 'place order',
    startedAt: before(61),
    endedAt: before(60),
    status: 'error',
    expiresAt: now / 1000 + 86_400,
    ...overrides,
  };
}
