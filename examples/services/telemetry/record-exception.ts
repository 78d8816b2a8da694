import { trace } from '@opentelemetry/api';
import { formatCauseChain } from './cause-chain.ts';
import type { FailureLog } from './failure-log.ts';
import { activeRunIdentity } from './run-baggage.ts';

export type RecordException = (error: unknown) => void;

const asError = (thrown: unknown): Error =>
  thrown instanceof Error
    ? thrown
    : new Error('something that is no Error was thrown', { cause: thrown });

/**
 * Records an exception twice with the same words: as an event on the active span, and as a line
 * in the backend's own log. Whether it counts as handled is told by the span's status alone.
 */
export function createRecordException(service: string, log: FailureLog): RecordException {
  return (thrown) => {
    const span = trace.getActiveSpan();
    if (span === undefined) throw new Error('an exception can only be recorded inside a span');
    const error = asError(thrown);
    const exception = { name: error.name, message: error.message, stack: formatCauseChain(error) };
    span.recordException(exception);
    const { runId, attempt } = activeRunIdentity();
    const { traceId, spanId } = span.spanContext();
    log({
      time: new Date().toISOString(),
      run_id: runId,
      attempt,
      service,
      trace_id: traceId,
      span_id: spanId,
      type: exception.name,
      message: exception.message,
      stacktrace: exception.stack,
    });
  };
}
