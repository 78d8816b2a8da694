import { inspect } from 'node:util';
import { context, ROOT_CONTEXT, SpanStatusCode, trace, type Span } from '@opentelemetry/api';
import { isError } from '../span/printed-error.ts';

/** Where an exception came from that nobody caught, as Node says it. */
export type UncaughtOrigin = 'uncaughtException' | 'unhandledRejection';

/**
 * Records an exception that ends the process. On the span that is active, else on the only open one that has no
 * parent here; else on a span of its own. That span and the topmost of its trace end here, as nobody else will end them.
 *
 * @param openRoots the open spans that have no parent in this process
 */
export function recordFatal(
  thrown: unknown,
  origin: UncaughtOrigin,
  openRoots: ReadonlySet<Span>,
): void {
  const active = trace.getSpan(context.active());
  const only = openRoots.size === 1 ? [...openRoots][0] : undefined;
  const span = active?.isRecording() ? active : (only ?? ownSpan(origin));
  const { traceId } = span.spanContext();
  const ending = new Set([
    span,
    ...[...openRoots].filter((root) => root.spanContext().traceId === traceId),
  ]);
  span.recordException(asException(thrown));
  for (const failed of ending) {
    failed.setStatus({ code: SpanStatusCode.ERROR, message: messageOf(thrown) });
    failed.end();
  }
}

/** Records an exception that others will handle, so that the process goes on. */
export function recordSurvived(thrown: unknown, origin: UncaughtOrigin): void {
  const active = trace.getSpan(context.active());
  if (active?.isRecording()) {
    active.recordException(asException(thrown));
    return;
  }
  const span = ownSpan(origin);
  span.recordException(asException(thrown));
  span.setStatus({ code: SpanStatusCode.ERROR, message: messageOf(thrown) });
  span.end();
}

function ownSpan(origin: UncaughtOrigin): Span {
  return trace.getTracer('@failtrace/sdk').startSpan(origin, {}, ROOT_CONTEXT);
}

/** Anything can be thrown; OpenTelemetry records nothing of what has no message. */
function asException(thrown: unknown): Error | { name: string; message: string } {
  return isError(thrown) ? thrown : { name: 'Uncaught', message: messageOf(thrown) };
}

function messageOf(thrown: unknown): string {
  if (isError(thrown)) return thrown.message;
  return typeof thrown === 'string' ? thrown : inspect(thrown, { customInspect: false });
}
