import { readFile, mkdtemp, rm } from 'node:fs/promises';
import http from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { listenOnLoopback } from './payment-service/server.ts';
import { runDemo, scenarioNames, type DemoRun, type FailureLogLine } from './run-demo.ts';

interface OtlpAttribute {
  key: string;
  value: { stringValue?: string; intValue?: number };
}

interface OtlpSpan {
  traceId: string;
  spanId: string;
  parentSpanId?: string;
  name: string;
  attributes: OtlpAttribute[];
  events: { name: string; attributes: OtlpAttribute[] }[];
  status: { code: number; message?: string };
}

interface OtlpBody {
  resourceSpans: {
    resource: { attributes: OtlpAttribute[] };
    scopeSpans: { spans: OtlpSpan[] }[];
  }[];
}

const spanStatusError = 2;

const attribute = (attributes: readonly OtlpAttribute[], key: string): string | undefined =>
  attributes.find((entry) => entry.key === key)?.value.stringValue;

interface ReceivedSpan extends OtlpSpan {
  service: string | undefined;
  namespace: string | undefined;
}

/** A receiver that takes everything and keeps what it took. */
async function startSink() {
  const bodies: Buffer[] = [];
  const keep = async (request: http.IncomingMessage): Promise<void> => {
    bodies.push(await buffer(request));
  };
  const server = http.createServer((request, response) => {
    void keep(request).then(() =>
      response.writeHead(200, { 'content-type': 'application/json' }).end('{}'),
    );
  });
  const { url, close } = await listenOnLoopback(server);
  return { url, bodies, close };
}

const bySpan = (a: { span_id: string }, b: { span_id: string }): number =>
  a.span_id.localeCompare(b.span_id);

const spansOf = ({ resourceSpans }: OtlpBody): ReceivedSpan[] =>
  resourceSpans.flatMap(({ resource, scopeSpans }) =>
    scopeSpans
      .flatMap(({ spans }) => spans)
      .map((span) => ({
        ...span,
        service: attribute(resource.attributes, 'service.name'),
        namespace: attribute(resource.attributes, 'service.namespace'),
      })),
  );

describe('runDemo', () => {
  let folder: string;
  let runs: DemoRun[];
  let spans: ReceivedSpan[];
  let log: FailureLogLine[];

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'failtrace-demo-'));
    const sink = await startSink();
    const logFile = join(folder, 'new', 'demo.log');
    ({ runs } = await runDemo({ otlpEndpoint: sink.url, logFile, runIdPrefix: 'test-' }));
    await sink.close();
    spans = sink.bodies.flatMap((body) => spansOf(JSON.parse(body.toString())));
    const lines = (await readFile(logFile, 'utf8')).trimEnd().split('\n');
    log = lines.map((line) => JSON.parse(line));
  });

  afterAll(() => rm(folder, { recursive: true }));

  const runOf = (scenario: string): DemoRun => {
    const run = runs.find((candidate) => candidate.scenario === scenario);
    if (run === undefined) throw new Error(`${scenario} did not run`);
    return run;
  };
  const logOf = (scenario: string): FailureLogLine[] =>
    log.filter((line) => line.run_id === runOf(scenario).runId);
  const spansOfTrace = (traceId: string): ReceivedSpan[] =>
    spans.filter((span) => span.traceId === traceId);

  it('runs every scenario, and each ends as expected', () => {
    expect(runs.map((run) => run.scenario)).toEqual(scenarioNames);
    expect(runs.filter((run) => run.outcome !== run.expected)).toEqual([]);
    expect(runs.every((run) => run.runId.startsWith('test-'))).toBe(true);
  });

  it('records exactly what it logs', () => {
    const recorded = spans.flatMap((span) =>
      span.events
        .filter((event) => event.name === 'exception')
        .map(({ attributes }) => ({
          service: span.service,
          trace_id: span.traceId,
          span_id: span.spanId,
          type: attribute(attributes, 'exception.type'),
          message: attribute(attributes, 'exception.message'),
          stacktrace: attribute(attributes, 'exception.stacktrace'),
        })),
    );
    const logged = log.map(({ time: _time, run_id: _runId, attempt: _attempt, ...rest }) => rest);
    expect(recorded.toSorted(bySpan)).toEqual(logged.toSorted(bySpan));
    expect(logged.length).toBeGreaterThanOrEqual(11);
  });

  it('names the run on the root span alone', () => {
    const named = spans.filter((span) => attribute(span.attributes, 'run.id') !== undefined);
    expect(named.map((span) => attribute(span.attributes, 'run.id'))).toEqual(
      runs.flatMap((run) => run.attempts.map(() => run.runId)),
    );
    expect(named.every((span) => !span.parentSpanId && span.service === 'order-workflow')).toBe(
      true,
    );
    expect(spans.every((span) => span.namespace === 'shop')).toBe(true);
  });

  it('gives status ERROR to the root spans of failed attempts alone', () => {
    for (const attempt of runs.flatMap((run) => run.attempts)) {
      const root = spansOfTrace(attempt.traceId).find((span) => !span.parentSpanId);
      expect(root?.status.code === spanStatusError).toBe(attempt.outcome === 'failed');
    }
  });

  it('logs all causes of a cause chain', () => {
    const [line] = logOf('cause-chain');
    expect(line?.stacktrace.match(/\[cause\]: \w+/g)).toEqual([
      '[cause]: RepositoryError',
      '[cause]: AggregateError',
      '[cause]: Error',
      '[cause]: Error',
    ]);
    expect(line?.stacktrace.match(/ReplicaUnavailableError: /g)).toHaveLength(2);
  });

  it('carries the trace and the run into the second service', () => {
    const run = runOf('second-service');
    const [attempt] = run.attempts;
    const lines = logOf('second-service');
    expect(lines.map(({ service, trace_id }) => [service, trace_id])).toEqual([
      ['payment-service', attempt?.traceId],
      ['order-workflow', attempt?.traceId],
    ]);
    expect(attempt?.error?.message).toContain('payment-service answered 502 Bad Gateway');
    const trace = spansOfTrace(attempt?.traceId ?? '');
    const orphans = trace.filter(
      (span) => span.parentSpanId && !trace.some((other) => other.spanId === span.parentSpanId),
    );
    expect(orphans).toEqual([]);
  });

  it('logs nothing for a success and for a bare status', () => {
    expect([...logOf('success'), ...logOf('status-only')]).toEqual([]);
    const [attempt] = runOf('status-only').attempts;
    const root = spansOfTrace(attempt?.traceId ?? '').find((span) => !span.parentSpanId);
    expect(root?.status.message).toMatch(/the carrier issued no label/);
  });

  it('retries under the same run id in a trace of its own', () => {
    const lines = logOf('retry');
    expect(lines.map((line) => [line.attempt, line.type])).toEqual([
      [1, 'LockTimeoutError'],
      [2, 'AddressRejectedError'],
    ]);
    expect(new Set(lines.map((line) => line.trace_id)).size).toBe(2);
  });

  it('has a message that no cell could show', () => {
    const [line] = logOf('long-message');
    expect(Buffer.byteLength(line?.message ?? '')).toBeGreaterThan(15_000);
    expect(line?.stacktrace).toContain(line?.message);
    expect(line?.message).toMatch(/["\\].*🫖.*\t/s);
  });

  it('throws through several functions', () => {
    for (const line of log) expect(line.stacktrace.match(/\n\s+at /g)?.length).toBeGreaterThan(4);
  });
});

describe('runDemo without a receiver', () => {
  it('fails instead of losing spans silently', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'failtrace-demo-'));
    const refusing = http.createServer((_request, response) => response.writeHead(400).end());
    const { url: otlpEndpoint, close } = await listenOnLoopback(refusing);
    const demo = runDemo({
      otlpEndpoint,
      logFile: join(folder, 'demo.log'),
      scenarios: ['success'],
    });
    await expect(demo).rejects.toMatchObject({ code: 'export_failed' });
    await close();
    await rm(folder, { recursive: true });
  });
});
