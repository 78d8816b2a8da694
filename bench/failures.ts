import { randomBytes } from 'node:crypto';
import type { Failure, RunSpan } from '@failtrace/collector-plugin';

const EMPTY = Buffer.alloc(0);

/** A run that failed with one exception, as the decoder would hand it over. */
export function failedRun(
  runId: string,
  { message, stackText }: { message: string; stackText: Buffer },
): { failure: Failure; runSpan: RunSpan } {
  const endedAt = BigInt(Date.now()) * 1_000_000n;
  const context = {
    traceId: randomBytes(16),
    spanId: randomBytes(8),
    parentSpanId: EMPTY,
    runId: Buffer.from(runId),
    namespace: Buffer.from('shop'),
    service: Buffer.from('orders'),
    spanName: Buffer.from('place order'),
    startedAt: endedAt - 50_000_000n,
    endedAt,
  };
  return {
    failure: {
      ...context,
      source: 1,
      occurredAt: endedAt - 1_000_000n,
      status: 2,
      handled: false,
      outcome: false,
      cutUpstream: false,
      droppedEvents: 0,
      type: Buffer.from('OrderNotFoundError'),
      message: Buffer.from(message),
      stackText,
    },
    runSpan: { ...context, status: 2 },
  };
}
