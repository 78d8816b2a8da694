import type { Exception, TimeInput } from '@opentelemetry/api';
import type { OpenSpan } from '../telemetry.ts';
import { isError, printedError } from './printed-error.ts';

type RecordException = OpenSpan['recordException'];

/**
 * Makes a span record errors as Node prints them, with their causes. OpenTelemetry's own way keeps the
 * bare `stack`; type and message are still chosen by it.
 *
 * One function for all spans whose method is that of their class, so that a span costs no closure.
 */
export function recordWholeErrors(span: OpenSpan): void {
  span.recordException = Object.hasOwn(span, 'recordException')
    ? wholeErrorsOf(span.recordException.bind(span))
    : recordByClass;
}

function recordByClass(this: OpenSpan, exception: Exception, time?: TimeInput): void {
  const { recordException } = Object.getPrototypeOf(this) as { recordException: RecordException };
  recordException.call(this, this.isRecording() ? whole(exception) : exception, time);
}

/** Somebody else has replaced this span's method before, and is called as before. */
function wholeErrorsOf(inner: RecordException): RecordException {
  return function record(this: OpenSpan, exception, time) {
    inner(this.isRecording() ? whole(exception) : exception, time);
  };
}

function whole(exception: Exception): Exception {
  if (!isError(exception)) return exception;
  const { code, name, message } = exception as Error & { code?: string | number };
  const stack = printedError(exception);
  const type = { name, message, ...(stack !== undefined && { stack }) };
  return code === undefined ? type : { ...type, code };
}
