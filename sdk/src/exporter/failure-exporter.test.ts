import { randomBytes } from 'node:crypto';
import { connect, createServer, type AddressInfo } from 'node:net';
import { createClient, type ClickHouseClient } from '@clickhouse/client';
import { readReceiverSettings, startReceiver } from '@failtrace/collector-plugin';
import { requireClickHouseAddress, type Logger } from '@failtrace/contract/server';
import {
  ROOT_CONTEXT,
  SeverityNumber,
  SpanStatusCode,
  trace,
  type Tracer,
} from '@opentelemetry/api';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-proto';
import { LoggerProvider, SimpleLogRecordProcessor } from '@opentelemetry/sdk-logs';
import {
  BatchSpanProcessor,
  InMemorySpanExporter,
  SimpleSpanProcessor,
  TracerProvider,
} from '@opentelemetry/sdk-trace';
import { afterAll, beforeAll, describe, expect, inject, it, onTestFinished } from 'vitest';
import { FailureExporter } from './failure-exporter.ts';
import type { ExportResult } from '../telemetry.ts';

const server = inject('clickhouseUrl');
const newUrl = () => new URL(`/ft_sdk_${randomBytes(6).toString('hex')}`, server).href;
const nameOf = (url: string) => new URL(url).pathname.slice(1);
const silent: Logger = { info() {}, warn() {}, error() {} };

let admin: ClickHouseClient;
beforeAll(() => {
  admin = createClient({ url: server });
});
afterAll(() => admin.close());

async function rows(url: string, query: string): Promise<unknown[]> {
  const client = createClient({ url });
  try {
    return await (await client.query({ query, format: 'JSONCompactEachRow' })).json();
  } finally {
    await client.close();
  }
}

/** Everything but the moments at which rows were stored. */
async function stored(url: string): Promise<unknown> {
  const columns = '* EXCEPT (expires_at, dropped_at)';
  return {
    records: await rows(
      url,
      `SELECT hex(trace_id), hex(span_id), hex(parent_span_id), hex(text_hash), hex(message_hash), hex(template_form),
         ${columns.replace('dropped_at', 'dropped_at, trace_id, span_id, parent_span_id, text_hash, message_hash, template_form')}
       FROM run_records ORDER BY ALL`,
    ),
    keys: await rows(
      url,
      `SELECT ${columns.replace('expires_at, ', '')} FROM record_keys ORDER BY ALL`,
    ),
    texts: await rows(
      url,
      'SELECT hex(text_hash), chunk, content, expires_at FROM stack_texts ORDER BY ALL',
    ),
    kept: await rows(
      url,
      `SELECT DISTINCT dropped_at > expires_at AND expires_at > now() + 6 * 86400 FROM run_records`,
    ),
  };
}

function failing(tracer: Tracer): void {
  tracer.startActiveSpan('run', { attributes: { 'run.id': 'run_4711' } }, (run) => {
    tracer.startActiveSpan('place order', (span) => {
      span.recordException(new TypeError(`Order ${'ö'.repeat(9)} 4711 not found`));
      span.setStatus({ code: SpanStatusCode.ERROR, message: 'Order 4711 not found' });
      span.end();
    });
    run.setAttribute('workflow.run.id', 7);
    run.setStatus({ code: SpanStatusCode.ERROR });
    run.end();
  });
  tracer.startActiveSpan('another', (span) => {
    span.recordException({ name: 'Handled', message: '', stack: 'cut \ud800 in half' });
    span.addEvent('exception', {
      'exception.escaped': true,
      'exception.message': 'm'.repeat(9_000),
    });
    span.end();
  });
  tracer.startActiveSpan('number', { attributes: { 'run.id': 42 } }, (span) => span.end());
  tracer.startActiveSpan('nothing to keep', (span) => span.end());
}

describe('FailureExporter', () => {
  it('stores the same rows as the receiver', async () => {
    const [inProcess, byReceiver] = [newUrl(), newUrl()];
    const receiver = await startReceiver(
      { ...readReceiverSettings({ FAILTRACE_RETENTION: '7d' }), otlpPort: 0, workers: 1 },
      requireClickHouseAddress({ CLICKHOUSE_URL: byReceiver }),
      silent,
    );
    const exporter = new FailureExporter({ clickhouseUrl: inProcess, retention: '7d' });
    const provider = new TracerProvider({
      spanProcessors: [
        new BatchSpanProcessor({ exporter }),
        new BatchSpanProcessor({
          exporter: new OTLPTraceExporter({ url: `${receiver.url}/v1/traces` }),
        }),
      ],
    });
    failing(provider.getTracer('test'));
    await provider.shutdown();
    await receiver.close();
    const expected = await stored(byReceiver);
    expect(expected).toMatchObject({ records: { length: 5 }, kept: [[1]] });
    expect(await stored(inProcess)).toEqual(expected);
    for (const url of [inProcess, byReceiver]) {
      await admin.command({ query: `DROP DATABASE ${nameOf(url)}` });
    }
  });

  it('is one of many that make the tables', async () => {
    const url = newUrl();
    const providers = Array.from(
      { length: 3 },
      () =>
        new TracerProvider({
          spanProcessors: [
            new BatchSpanProcessor({ exporter: new FailureExporter({ clickhouseUrl: url }) }),
          ],
        }),
    );
    for (const provider of providers) failing(provider.getTracer('test'));
    await Promise.all(providers.map((provider) => provider.shutdown()));
    expect(await rows(url, 'SELECT count() FROM run_records')).toEqual([[15]]);
    await admin.command({ query: `DROP DATABASE ${nameOf(url)}` });
  });

  it('stores the exceptions of log records, once however often they are sent', async () => {
    const url = newUrl();
    const exporter = new FailureExporter({ clickhouseUrl: url });
    const provider = new LoggerProvider({
      processors: [new SimpleLogRecordProcessor({ exporter })],
    });
    const logger = provider.getLogger('test');
    const spanContext = { traceId: 'a'.repeat(32), spanId: 'b'.repeat(16), traceFlags: 1 };
    logger.emit({
      severityNumber: SeverityNumber.ERROR,
      exception: new TypeError('lost'),
      attributes: { 'run.id': 'run_1' },
      context: trace.setSpanContext(ROOT_CONTEXT, spanContext),
    });
    for (let time = 0; time < 2; time += 1) {
      logger.emit({
        timestamp: 1_700_000_000_000,
        severityNumber: SeverityNumber.INFO,
        eventName: 'http.server.exception',
        body: 'no span',
        context: ROOT_CONTEXT,
      });
    }
    logger.emit({
      severityNumber: SeverityNumber.ERROR,
      body: 'no exception',
      context: ROOT_CONTEXT,
    });
    await provider.forceFlush();
    await provider.shutdown();
    expect(
      await rows(
        url,
        `SELECT error_type, error_message, run_id, source, handled, trace_id = unhex(repeat('a', 32))
         FROM run_records FINAL ORDER BY error_message`,
      ),
    ).toEqual([
      ['TypeError', 'lost', 'run_1', 'log_record', false, 1],
      ['', 'no span', '', 'log_record', true, 0],
    ]);
    await admin.command({ query: `DROP DATABASE ${nameOf(url)}` });
  });

  it('tells in its result and in one line of the log what ClickHouse did not take', async () => {
    const told: string[] = [];
    const exporter = new FailureExporter({
      clickhouseUrl: 'http://127.0.0.1:9/failtrace',
      retryForMs: 0,
      logger: { ...silent, error: (_, message) => told.push(message) },
    });
    expect(await exportTo(exporter)).toMatchObject({
      code: 1,
      error: { code: 'clickhouse_unreachable' },
    });
    expect(told).toEqual(['The failures of an export were not stored.']);
    await exporter.shutdown();
    expect(await exportTo(exporter)).toMatchObject({ code: 1, error: { code: 'exporter_closed' } });
    expect(told).toHaveLength(2);
  });

  it('tries again until ClickHouse is there', async () => {
    const url = newUrl();
    const gate = createServer((socket) => {
      socket.pipe(connect(Number(new URL(server).port), '127.0.0.1')).pipe(socket);
      socket.on('error', () => socket.destroy());
    });
    gate.listen(0, '127.0.0.1');
    await new Promise((resolve) => gate.once('listening', resolve));
    const { port } = gate.address() as AddressInfo;
    await new Promise((resolve) => gate.close(resolve));
    onTestFinished(() => void gate.close());
    const through = new URL(url);
    through.port = String(port);
    let waits = 0;
    const exporter = new FailureExporter({
      clickhouseUrl: through.href,
      logger: {
        ...silent,
        warn: () => {
          waits += 1;
          gate.listen(port, '127.0.0.1');
        },
      },
    });
    expect(await exportTo(exporter)).toEqual({ code: 0 });
    expect(waits).toBe(1);
    await exporter.shutdown();
    expect(await rows(url, 'SELECT count() FROM run_records')).toEqual([[5]]);
    await admin.command({ query: `DROP DATABASE ${nameOf(url)}` });
  });

  it('refuses options that it does not understand', () => {
    const clickhouseUrl = 'http://127.0.0.1:9/failtrace';
    expect(() => new FailureExporter({ clickhouseUrl: undefined })).toThrow('CLICKHOUSE_URL');
    expect(() => new FailureExporter({ clickhouseUrl, retention: 'x' })).toThrow(
      'FAILTRACE_RETENTION',
    );
    expect(() => new FailureExporter({ clickhouseUrl, runIdAttributes: [''] })).toThrow(
      'RUN_ID_ATTRIBUTES',
    );
    expect(() => new FailureExporter({ clickhouseUrl, retryForMs: -1 })).toThrow('retryForMs');
  });
});

/** Exports what fails, and gives what became of it. */
async function exportTo(exporter: FailureExporter): Promise<ExportResult> {
  const memory = new InMemorySpanExporter();
  const provider = new TracerProvider({
    spanProcessors: [new SimpleSpanProcessor({ exporter: memory })],
  });
  failing(provider.getTracer('test'));
  await provider.forceFlush();
  return new Promise((resolve) => exporter.export(memory.getFinishedSpans(), resolve));
}
