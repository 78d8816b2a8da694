import { SpanStatusCode, trace } from '@opentelemetry/api';

const tracer = trace.getTracer('order-workflow');

/**
 * Runs a part of a workflow as a child span. A part that throws ends in status ERROR; recording
 * the exception is left to whoever catches it.
 */
export function runStep<T>(name: string, work: () => Promise<T>): Promise<T> {
  return tracer.startActiveSpan(name, async (span) => {
    try {
      return await work();
    } catch (thrown) {
      span.setStatus({ code: SpanStatusCode.ERROR });
      throw thrown;
    } finally {
      span.end();
    }
  });
}
