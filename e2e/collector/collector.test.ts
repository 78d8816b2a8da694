import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { readReceiverSettings } from '@failtrace/collector-plugin';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { parse } from 'yaml';
import { freePorts } from './free-ports.ts';
import { startOtlpEndpoint, type OtlpEndpoint } from './otlp-endpoint.ts';
import type { Span, TraceRequest } from './otlp-messages.ts';
import { resolveCollector } from './resolve-collector.ts';
import { event, requestOf, span } from './sample-spans.ts';
import { sendGrpc, sendJson, sendProtobuf } from './send-otlp.ts';
import { startCollector, type RunningCollector } from './start-collector.ts';

const config = path.resolve(import.meta.dirname, '../../otel-collector.yaml');

interface CollectorConfig {
  receivers: {
    otlp: {
      protocols: {
        grpc: { max_recv_msg_size_mib: number };
        http: { max_request_body_size: number };
      };
    };
  };
  exporters: { 'otlp_http/failtrace': { sending_queue: { batch: { min_size: number } } } };
}

/** The file's own intervals are made for outages of minutes; a test waits for fractions of a second. */
const impatient = [
  'exporters::otlp_http/failtrace::retry_on_failure::initial_interval: 50ms',
  'exporters::otlp_http/failtrace::retry_on_failure::max_interval: 200ms',
  'exporters::otlp_http/failtrace::sending_queue::batch::flush_timeout: 20ms',
];

/** One Collector's ports and storage, with which it can be started more than once. */
async function prepare(): Promise<{
  http: number;
  grpc: number;
  start: (
    receiverPort: number,
    overrides?: readonly string[],
    env?: Readonly<Record<string, string>>,
  ) => Promise<RunningCollector>;
}> {
  const [http = 0, grpc = 0, health = 0] = await freePorts(3);
  const storage = await mkdtemp(path.join(tmpdir(), 'failtrace-collector-'));
  onTestFinished(() => rm(storage, { recursive: true, force: true }));
  return {
    http,
    grpc,
    start: async (receiverPort, overrides = [], env = {}) => {
      const collector = await startCollector({
        config,
        env: { FAILTRACE_OTLP_ENDPOINT: `http://127.0.0.1:${receiverPort}`, ...env },
        otlpHttpPort: http,
        otlpGrpcPort: grpc,
        healthPort: health,
        storageDirectory: path.join(storage, 'queue'),
        overrides: [...impatient, ...overrides],
      });
      onTestFinished(() => collector.kill());
      return collector;
    },
  };
}

async function endpoint(port = 0): Promise<OtlpEndpoint> {
  const started = await startOtlpEndpoint(port);
  onTestFinished(() => started.stop());
  return started;
}

const names = (spans: readonly Span[]): string[] => spans.map(({ name }) => name).toSorted();
const arrived = { timeout: 15_000, interval: 25 };

const runId = (key: string): Partial<Span> => ({
  attributes: [{ key, value: { stringValue: '4711' } }],
});

const kept: Record<string, Partial<Span>> = {
  'exception on an unset span': { events: [event()] },
  'exception among other events': { events: [event('retry'), event(), event('gave up')] },
  'exception on a span with status OK': { events: [event()], status: { code: 1 } },
  'exception on a failing span': { events: [event()], status: { code: 2 } },
  'failing without an exception': { status: { code: 2, message: 'no stock' } },
  'root that succeeded': { parentSpanId: '' },
  'root that failed': { parentSpanId: '', status: { code: 2 } },
  'run.id': runId('run.id'),
  'workflow.run.id': runId('workflow.run.id'),
  'cicd.pipeline.run.id': runId('cicd.pipeline.run.id'),
  'faas.invocation_id': runId('faas.invocation_id'),
  'k8s.job.uid': runId('k8s.job.uid'),
  'a run id that is a number': { attributes: [{ key: 'run.id', value: { intValue: 4711 } }] },
};

const dropped: Record<string, Partial<Span>> = {
  'nothing remarkable': {},
  'status OK': { status: { code: 1 } },
  'another event': { events: [event('retry')] },
  'an event that only resembles': { events: [event('Exception'), event('exception.handled')] },
  'another attribute': runId('order.id'),
  'an attribute that only resembles': runId('xrun.id'),
};

const samples = (classes: Record<string, Partial<Span>>): Span[] =>
  Object.entries(classes).map(([name, changes]) => span(name, changes));

async function validate(...configs: string[]): Promise<unknown> {
  const collector = await resolveCollector();
  const args = ['validate', ...configs.flatMap((each) => ['--config', each])];
  return promisify(execFile)(collector.path, args, { env: {} });
}

describe('otel-collector.yaml', () => {
  it('is valid with no environment variable set', async () => {
    await expect(validate(config)).resolves.toBeDefined();
  });

  it('would be refused with a condition that the filter does not know', async () => {
    const broken = 'yaml:processors::filter/spans::trace_conditions: [span.colour == "red"]';
    await expect(validate(config, broken)).rejects.toThrow('colour');
  });
});

it('makes no batch that failtrace would refuse, and so have dropped, for its size', () => {
  const { receivers, exporters }: CollectorConfig = parse(readFileSync(config, 'utf8'));
  const { grpc, http } = receivers.otlp.protocols;
  const { min_size: joined } = exporters['otlp_http/failtrace'].sending_queue.batch;
  expect(grpc.max_recv_msg_size_mib * 1024 * 1024).toBe(http.max_request_body_size);
  expect(http.max_request_body_size + joined).toBeLessThan(readReceiverSettings({}).maxBodyBytes);
});

describe('docs/collector.md', () => {
  const page = readFileSync(path.resolve(import.meta.dirname, '../../docs/collector.md'), 'utf8');
  const examples = [...page.matchAll(/^```yaml\n([^]*?)^```$/gm)].map(([, text = '']) => text);

  it('shows a configuration that the Collector takes, and changes to it', async () => {
    const [whole = '', ...changes] = examples.map((text) => `yaml:${text}`);
    await expect(validate(whole)).resolves.toBeDefined();
    expect(changes.length).toBeGreaterThan(0);
    await expect(
      Promise.all(changes.map((change) => validate(whole, change))),
    ).resolves.toBeDefined();
  });
});

describe('the Collector', () => {
  type Send = (port: number, request: TraceRequest) => Promise<number>;
  it.each<{ name: string; send: Send; over: 'http' | 'grpc'; taken: number }>([
    { name: 'HTTP with JSON', send: sendJson, over: 'http', taken: 200 },
    { name: 'HTTP with protobuf', send: sendProtobuf, over: 'http', taken: 200 },
    { name: 'gRPC', send: sendGrpc, over: 'grpc', taken: 0 },
  ])('passes on what failtrace needs and nothing else, sent by $name', async (way) => {
    const receiver = await endpoint();
    const collector = await prepare();
    const running = await collector.start(receiver.port);

    const spans = [...samples(kept), ...samples(dropped)];
    expect(await way.send(collector[way.over], requestOf(spans))).toBe(way.taken);
    await vi.waitFor(() => expect(receiver.spans().length).toBeGreaterThan(0), arrived);
    // After an orderly end nothing is under way any more, so that what is absent stays absent.
    await running.stop();

    expect(names(receiver.spans())).toEqual(Object.keys(kept).toSorted());
    expect(running.log()).not.toContain('\terror\t');
  });

  it('leaves exceptions as they are and removes other events', async () => {
    const receiver = await endpoint();
    const collector = await prepare();
    await collector.start(receiver.port);
    const exception = event('exception', {
      'exception.type': 'billing.Überlauf',
      'exception.message': 'line one\r\nline two\ttab, "quote", \u0000 and 🧾',
      'exception.stacktrace': 'Error: no\n    at charge (/app/billing.js:7:11)\r\n\u2028end ',
    });
    const sent = span('charge', { events: [event('retry'), exception, event('gave up')] });
    await sendJson(collector.http, requestOf([sent]));
    await vi.waitFor(() => expect(receiver.spans()).toHaveLength(1), arrived);
    expect(receiver.spans()[0]?.events).toEqual([exception]);
    expect(receiver.spans()[0]).toMatchObject({ spanId: sent.spanId, traceId: sent.traceId });
  });

  it('sends protobuf, compressed, to /v1/traces', async () => {
    const receiver = await endpoint();
    const collector = await prepare();
    await collector.start(receiver.port);
    await sendJson(collector.http, requestOf(samples({ root: { parentSpanId: '' } })));
    await vi.waitFor(() => expect(receiver.requests()).toHaveLength(1), arrived);
    expect(receiver.requests()[0]).toMatchObject({
      path: '/v1/traces',
      headers: { 'content-type': 'application/x-protobuf', 'content-encoding': 'zstd' },
    });
  });

  it.each<{ name: string; send: Send; over: 'http' | 'grpc'; taken: number }>([
    { name: 'HTTP', send: sendProtobuf, over: 'http', taken: 200 },
    { name: 'gRPC', send: sendGrpc, over: 'grpc', taken: 0 },
  ])('takes a failure of 15 MB over $name', async (way) => {
    const receiver = await endpoint();
    const collector = await prepare();
    await collector.start(receiver.port);
    const stack = 'at frame (file.js:1:1)\n'.repeat(650_000);
    const large = span('large', {
      events: [event('exception', { 'exception.stacktrace': stack })],
    });
    expect(await way.send(collector[way.over], requestOf([large]))).toBe(way.taken);
    await vi.waitFor(() => expect(receiver.spans()).toHaveLength(1), arrived);
    const received = receiver.spans()[0]?.events?.[0]?.attributes?.[0]?.value.stringValue;
    expect(received === stack).toBe(true);
  });

  it('refuses what is over its limit before it takes it', async () => {
    const receiver = await endpoint();
    const collector = await prepare();
    await collector.start(receiver.port);
    const stack = 'x'.repeat(17 * 1024 * 1024);
    const events = [event('exception', { 'exception.stacktrace': stack })];
    expect(await sendProtobuf(collector.http, requestOf([span('too large', { events })]))).toBe(
      400,
    );
  });
});

describe('the sending queue', () => {
  it('sends again what was answered with 503', async () => {
    const receiver = await endpoint();
    const collector = await prepare();
    await collector.start(receiver.port);
    receiver.answerWith(503);
    expect(await sendJson(collector.http, requestOf(samples(kept)))).toBe(200);
    await vi.waitFor(() => expect(receiver.refused()).toBeGreaterThan(2), arrived);
    expect(receiver.spans()).toEqual([]);
    receiver.answerWith(200);
    await vi.waitFor(() => expect(names(receiver.spans())).toEqual(names(samples(kept))), arrived);
  });

  it.each(['stop', 'kill'] as const)(
    'delivers after the receiver was away and the Collector ended by %s',
    async (end) => {
      const [receiverPort = 0] = await freePorts(1);
      const collector = await prepare();
      const first = await collector.start(receiverPort);
      expect(await sendJson(collector.http, requestOf(samples(kept)))).toBe(200);
      await vi.waitFor(() => expect(first.log()).toContain('connection refused'), arrived);
      // One more, which at the end may not even have left the queue.
      const late = span('late', { status: { code: 2 } });
      expect(await sendJson(collector.http, requestOf([late]))).toBe(200);
      await first[end]();

      await collector.start(receiverPort);
      const receiver = await endpoint(receiverPort);
      const expected = [...Object.keys(kept), 'late'].toSorted();
      await vi.waitFor(() => {
        // At least once: an end in the middle of a batch may bring a span twice.
        expect([...new Set(names(receiver.spans()))]).toEqual(expected);
      }, arrived);
    },
  );

  it('refuses with 503 when it is full, and delivers all that it took', async () => {
    const receiver = await endpoint();
    receiver.answerWith(503);
    const collector = await prepare();
    await collector.start(
      receiver.port,
      ['exporters::otlp_http/failtrace::sending_queue::batch::min_size: 1000'],
      { FAILTRACE_COLLECTOR_QUEUE_BYTES: '20000' },
    );
    const failures = Array.from({ length: 50 }, (_, index) =>
      span(`failure ${index}`, {
        events: [event('exception', { 'exception.stacktrace': 'x'.repeat(4000) })],
      }),
    );
    const answers = await Promise.all(
      failures.map((failure) => sendJson(collector.http, requestOf([failure]))),
    );
    expect(new Set(answers)).toEqual(new Set([200, 503]));
    receiver.answerWith(200);
    const taken = failures.filter((_, index) => answers[index] === 200);
    await vi.waitFor(() => expect(names(receiver.spans())).toEqual(names(taken)), arrived);
  });
});
