import { FailureSpanProcessor, withRun } from '@failtrace/sdk';
import { context } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { NoopSpanProcessor, TracerProvider, type SpanProcessor } from '@opentelemetry/sdk-trace';
import { tellRow, type Row } from './report.ts';
import { median, timed } from './statistics.ts';

const SPANS = 10_000;
const ROUNDS = 60;
const WARM_UPS = 10;
const TARGET_MICROSECONDS = 1;

/** What a span that does not fail pays for the processor: with and without it, in turn. */
export async function benchSpanProcessor(): Promise<Row[]> {
  const manager = new AsyncLocalStorageContextManager().enable();
  context.setGlobalContextManager(manager);
  const without = spansOf(new NoopSpanProcessor());
  const rows = [
    await rowOf(
      'a span that does not fail, in no run',
      spansOf(new FailureSpanProcessor()),
      without,
    ),
    await rowOf(
      'a span that does not fail, in a run',
      () => withRun('order-4711', spansOf(new FailureSpanProcessor())),
      () => withRun('order-4711', without),
    ),
  ];
  context.disable();
  return rows;
}

function spansOf(processor: SpanProcessor): () => void {
  const tracer = new TracerProvider({ spanProcessors: [processor] }).getTracer('bench');
  const attributes = { 'http.request.method': 'GET', 'url.path': '/orders', 'server.port': 80 };
  return () => {
    for (let span = 0; span < SPANS; span += 1)
      tracer.startSpan('GET /orders', { attributes }).end();
  };
}

async function rowOf(what: string, own: () => void, without: () => void): Promise<Row> {
  const times = { own: [] as number[], without: [] as number[] };
  for (let round = 0; round < ROUNDS + WARM_UPS; round += 1) {
    const [first, second] = [await timed(own), await timed(without)];
    if (round < WARM_UPS) continue;
    times.own.push(first);
    times.without.push(second);
  }
  const microseconds = (milliseconds: readonly number[]) => (median(milliseconds) * 1_000) / SPANS;
  const more = microseconds(times.own) - microseconds(times.without);
  return tellRow({
    what,
    failtrace: `${microseconds(times.own).toFixed(2)} µs with the processor`,
    baseline: `${microseconds(times.without).toFixed(2)} µs without`,
    result: `${more.toFixed(2)} µs more`,
    target: `under ${TARGET_MICROSECONDS} µs`,
    reached: more < TARGET_MICROSECONDS,
  });
}
