import { context, SpanStatusCode, trace } from '@opentelemetry/api';
import type { DemoAttempt } from '../messages.ts';
import type { Attempt, WorkflowJob } from '../scenarios.ts';
import type { RecordException } from '../telemetry/record-exception.ts';
import { withRunIdentity } from '../telemetry/run-baggage.ts';
import { runStep } from './workflow-step.ts';

const tracer = trace.getTracer('order-workflow');

export interface AttemptRequest {
  runId: string;
  attempt: number;
  workflow: string;
  work: Attempt;
  paymentUrl: string;
}

const messageOf = (thrown: unknown): string =>
  thrown instanceof Error ? thrown.message : String(thrown);

/**
 * One attempt of a run: a trace of its own, whose root span alone carries `run.id`. What the work
 * throws is recorded on the root span; a reason to give up that it returns becomes the span's
 * status, without an exception.
 */
export function runAttempt(
  { runId, attempt, workflow, work, paymentUrl }: AttemptRequest,
  record: RecordException,
): Promise<DemoAttempt> {
  const orderNumber = 1000 + Math.floor(Math.random() * 9000);
  const job: WorkflowJob = { orderNumber, paymentUrl, record, step: runStep };
  const attributes = { 'run.id': runId, 'shop.order.number': orderNumber };
  return context.with(withRunIdentity({ runId, attempt }), () =>
    tracer.startActiveSpan(
      workflow,
      { attributes, root: true },
      async (span): Promise<DemoAttempt> => {
        const { traceId } = span.spanContext();
        try {
          const gaveUp = await work(job);
          if (gaveUp === undefined) return { attempt, traceId, outcome: 'ok', error: null };
          span.setStatus({ code: SpanStatusCode.ERROR, message: gaveUp });
          return { attempt, traceId, outcome: 'failed', error: null };
        } catch (thrown) {
          record(thrown);
          const message = messageOf(thrown);
          span.setStatus({ code: SpanStatusCode.ERROR, message });
          const type = thrown instanceof Error ? thrown.name : typeof thrown;
          return { attempt, traceId, outcome: 'failed', error: { type, message } };
        } finally {
          span.end();
        }
      },
    ),
  );
}
