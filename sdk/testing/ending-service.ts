/**
 * A small service that ends in a way of its own: `node ending-service.ts <how>`. With `CLICKHOUSE_URL` it has
 * OpenTelemetry and failtrace, without it neither.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { FailureExporter, FailureSpanProcessor, failureSampler, withRun } from '@failtrace/sdk';
import { context, SpanStatusCode, trace } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { AlwaysOffSampler, TracerProvider } from '@opentelemetry/sdk-trace';

// Made here, so that its stack is the same with OpenTelemetry and without.
const error = new Error('the end', { cause: new TypeError('why') });

const clickhouseUrl = process.env['CLICKHOUSE_URL'];
const provider = clickhouseUrl
  ? new TracerProvider({
      sampler: failureSampler(new AlwaysOffSampler()),
      spanProcessors: [
        new FailureSpanProcessor({
          exporter: new FailureExporter({ clickhouseUrl }),
          lastFlushMs: Number(process.env['LAST_FLUSH_MS'] ?? 20_000),
        }),
      ],
    })
  : undefined;
if (provider) {
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  trace.setGlobalTracerProvider(provider);
}

const tracer = trace.getTracer('ending');

const ways: Record<string, () => unknown> = {
  'thrown in a span': () =>
    setTimeout(() => {
      tracer.startActiveSpan('root', { attributes: { 'run.id': 'run_1' } }, () => {
        tracer.startActiveSpan('inner', () => {
          throw error;
        });
      });
    }),
  'thrown in a timer of one of two spans': () => {
    tracer.startSpan('another');
    tracer.startActiveSpan('root', { attributes: { 'run.id': 'run_1' } }, () => {
      tracer.startActiveSpan('inner', () => {
        setTimeout(() => {
          throw error;
        });
      });
    });
  },
  'rejected in a span': () =>
    withRun('run_1', () => {
      void tracer.startActiveSpan('root', async () => {
        await sleep(1);
        await tracer.startActiveSpan('inner', async () => {
          await sleep(1);
          throw error;
        });
      });
    }),
  'thrown without a span': () =>
    setTimeout(() => {
      throw error;
    }),
  'a word is thrown': () =>
    setTimeout(() => {
      // eslint-disable-next-line no-throw-literal
      throw 'just a word';
    }),
  'rejected with a value': () => void Promise.reject({ status: 409 }),
  'exit after a failure': () => {
    tracer.startActiveSpan('root', { attributes: { 'run.id': 'run_1' } }, (span) => {
      span.recordException(error);
      span.setStatus({ code: SpanStatusCode.ERROR });
      span.end();
    });
    process.exit(3);
  },
  'handled by the service': () => {
    process.on('uncaughtException', () => {
      setTimeout(() => {
        console.log('still alive');
        void provider?.shutdown();
      }, 10);
    });
    setTimeout(() => {
      throw error;
    });
  },
};

ways[process.argv[2] ?? '']?.();
