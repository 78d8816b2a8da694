import { randomBytes } from 'node:crypto';
import { createClient } from '@clickhouse/client';
import type { Logger } from '@failtrace/contract/server';
import { ROOT_CONTEXT, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
import {
  AlwaysOffSampler,
  AlwaysOnSampler,
  BatchSpanProcessor,
  InMemorySpanExporter,
  ParentBasedSampler,
  SamplingDecision,
  TraceIdRatioBasedSampler,
  TracerProvider,
  type Sampler,
} from '@opentelemetry/sdk-trace';
import { describe, expect, inject, it } from 'vitest';
import { FailureExporter } from '../exporter/failure-exporter.ts';
import { FailureSpanProcessor } from '../failure-span-processor.ts';
import { failureSampler } from './failure-sampler.ts';

const TRACES = 40;

/** So many traces of a root and a child, of which every fourth fails in the child; names of what the pipeline got. */
async function traces(sampler: Sampler, processors: FailureSpanProcessor[] = []) {
  const ordinary = new InMemorySpanExporter();
  let traceIds = 0;
  const provider = new TracerProvider({
    sampler,
    // The same traces each time, so that a ratio takes the same ones.
    idGenerator: {
      generateTraceId: () =>
        (++traceIds * 0x0f_ff_ff_f1).toString(16).padStart(8, '0').slice(-8).repeat(4),
      generateSpanId: () => randomBytes(8).toString('hex'),
    },
    spanProcessors: [...processors, new BatchSpanProcessor({ exporter: ordinary })],
  });
  const tracer = provider.getTracer('test');
  for (let index = 0; index < TRACES; index += 1) {
    const failed = index % 4 === 0;
    const root = tracer.startSpan(`root ${index}`, {}, ROOT_CONTEXT);
    const child = tracer.startSpan(`child ${index}`, {}, trace.setSpan(ROOT_CONTEXT, root));
    if (failed) {
      child.recordException(new Error(`failed ${index}`));
      child.setStatus({ code: SpanStatusCode.ERROR });
      root.setStatus({ code: SpanStatusCode.ERROR });
    }
    child.end();
    root.end();
  }
  await provider.forceFlush();
  const names = ordinary.getFinishedSpans().map(({ name }) => name);
  await provider.shutdown();
  return names;
}

async function withDatabase<T>(work: (url: string, count: () => Promise<unknown>) => Promise<T>) {
  const url = new URL(`/ft_sdk_sampled_${randomBytes(6).toString('hex')}`, inject('clickhouseUrl'));
  const client = createClient({ url: url.href });
  const count = async () => {
    const result = await client.query({
      query: 'SELECT span_name FROM run_records FINAL ORDER BY span_name',
      format: 'JSONCompactEachRow',
    });
    return (await result.json<[string]>()).map(([name]) => name);
  };
  try {
    return await work(url.href, count);
  } finally {
    await client.command({ query: `DROP DATABASE IF EXISTS ${url.pathname.slice(1)}` });
    await client.close();
  }
}

const samplers: [name: string, () => Sampler][] = [
  ['drops all', () => new AlwaysOffSampler()],
  ['takes all', () => new AlwaysOnSampler()],
  [
    'takes a third, and what belongs to it',
    () => new ParentBasedSampler({ root: new TraceIdRatioBasedSampler(1 / 3) }),
  ],
];

describe('a failing trace', () => {
  it.each(samplers)('survives a sampler that %s, and the pipeline gets no more', (_, base) =>
    withDatabase(async (url, stored) => {
      const expected = await traces(base());
      const exporter = new FailureExporter({ clickhouseUrl: url });
      const processor = new FailureSpanProcessor({ exporter });
      expect(await traces(failureSampler(base()), [processor])).toEqual(expected);
      const failed = Array.from({ length: TRACES / 4 }, (_unused, index) => index * 4);
      expect(await stored()).toEqual(
        failed.flatMap((index) => [`child ${index}`, `root ${index}`]).toSorted(),
      );
    }),
  );

  it('keeps what the sampler says beside its decision', () => {
    const base: Sampler = {
      shouldSample: () => ({ decision: SamplingDecision.NOT_RECORD, attributes: { rule: 'r' } }),
      toString: () => 'mine',
    };
    const sampler = failureSampler(base);
    expect(sampler.shouldSample(ROOT_CONTEXT, '', '', SpanKind.INTERNAL, {}, [])).toEqual({
      decision: SamplingDecision.RECORD,
      attributes: { rule: 'r' },
    });
    expect(sampler.toString()).toBe('failureSampler(mine)');
  });

  it('that finds no room is told in the log', async () => {
    const told: string[] = [];
    const logger: Logger = { info() {}, warn() {}, error: (_, message) => told.push(message) };
    const exporter = new FailureExporter({
      clickhouseUrl: 'http://127.0.0.1:9/failtrace',
      retryForMs: 0,
      logger,
    });
    const processor = new FailureSpanProcessor({ exporter, lastFlushMs: 0 });
    const provider = new TracerProvider({ spanProcessors: [processor] });
    const tracer = provider.getTracer('test');
    for (let span = 0; span < 8_200; span += 1) {
      const failed = tracer.startSpan('failed');
      failed.setStatus({ code: SpanStatusCode.ERROR });
      failed.end();
    }
    await provider.shutdown();
    expect(
      told.filter((message) => message.startsWith('A span with a failure was dropped')),
    ).toHaveLength(8);
    expect(told.filter((message) => message.startsWith('The failures of an export'))).toHaveLength(
      16,
    );
  });
});
