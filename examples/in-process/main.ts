/**
 * A job that writes its failures into ClickHouse itself: no Collector, no receiver.
 *
 *     CLICKHOUSE_URL=http://localhost:8123/failtrace node main.ts order-4711
 */
import { FailureExporter, FailureSpanProcessor, withRun } from '@failtrace/sdk';
import { SpanStatusCode, trace } from '@opentelemetry/api';
import { NodeSDK } from '@opentelemetry/sdk-node';

const clickhouseUrl = process.env['CLICKHOUSE_URL'];
const sdk = new NodeSDK({
  serviceName: 'nightly-job',
  spanProcessors: [new FailureSpanProcessor({ exporter: new FailureExporter({ clickhouseUrl }) })],
  logRecordProcessors: [],
  metricReaders: [],
});
sdk.start();

const tracer = trace.getTracer('nightly-job');
const runId = process.argv[2] ?? 'order-4711';

withRun(runId, () =>
  tracer.startActiveSpan('place order', (span) => {
    try {
      reserve();
    } catch (error) {
      span.recordException(error as Error);
      span.setStatus({ code: SpanStatusCode.ERROR, message: (error as Error).message });
    }
    span.end();
  }),
);
await sdk.shutdown();

function reserve(): void {
  try {
    throw new RangeError('only 2 are left');
  } catch (cause) {
    throw new Error('no stock for 3 of A-17', { cause });
  }
}
