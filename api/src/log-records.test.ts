import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import {
  attributeNames,
  createIngest,
  createStore,
  decoders,
  DEFAULT_RUN_ID_ATTRIBUTES,
  spanMatters,
  type Ingest,
  type Store,
} from '@failtrace/collector-plugin';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createApp } from './app.ts';
import { loopbackGuard } from './authorise/loopback.ts';
import { createReader } from './read/reader.ts';
import type { ApiApp } from './routes/env.ts';
import { createTestDatabase } from './testing/database.ts';
import type { TestDatabase } from './testing/database.ts';

let database: TestDatabase;
let store: Store;
let ingest: Ingest;
let app: ApiApp;

beforeAll(async () => {
  database = await createTestDatabase();
  store = createStore({ client: database.client, retentionMs: 30 * 86_400_000 });
  ingest = createIngest(store);
  app = createApp({ reader: createReader(database.readClient), guard: loopbackGuard });
});
afterAll(async () => {
  await store?.close();
  await database?.drop();
});

const options = {
  runIdNames: attributeNames(DEFAULT_RUN_ID_ATTRIBUTES),
  keep: spanMatters,
};
const testdata = new URL('../../collector-plugin/testdata/logs/', import.meta.url);

/** What a captured request holds, as if it had happened in another trace. */
function captured(file: string, traceId: Buffer) {
  const body = readFileSync(new URL(file, testdata));
  const logs = file.endsWith('.logs.bin') ? decoders.logs.protobuf(body, options) : undefined;
  const traces = logs ? undefined : decoders.traces.protobuf(body, options);
  for (const item of [...(logs?.records ?? []), ...(traces?.spans ?? [])]) {
    if (item.traceId.length > 0) item.traceId = traceId;
  }
  return { logs, traces };
}

async function sendCaptured(file: string, traceId: Buffer, namespace: string) {
  const { logs, traces } = captured(file, traceId);
  if (logs) await ingest('logs', logs, { namespace });
  if (traces) await ingest('traces', traces, { namespace });
}

async function get(path: string) {
  const response = await app.request(path);
  const text = await response.text();
  return { status: response.status, text, json: () => JSON.parse(text) };
}

const string = (key: string, stringValue: string) => ({ key, value: { stringValue } });

const isException = ({ source }: { source: string }) => source !== 'span_status';

interface Logged {
  runId?: string;
  traceId?: string;
  severityNumber?: number;
  message?: string;
  at?: number;
}

function logged({ runId, traceId, severityNumber = 17, message = 'gone', at = 60_000 }: Logged) {
  const record = {
    timeUnixNano: String(BigInt(Date.now() - at) * 1_000_000n),
    severityNumber,
    ...(traceId && { traceId, spanId: randomBytes(8).toString('hex') }),
    attributes: [
      string('exception.type', 'OrderError'),
      string('exception.message', message),
      string('exception.stacktrace', `OrderError: ${message}\n    at place (orders.js:1:2)`),
      ...(runId ? [string('run.id', runId)] : []),
    ],
  };
  return Buffer.from(JSON.stringify({ resourceLogs: [{ scopeLogs: [{ logRecords: [record] }] }] }));
}

const sendLog = (body: Buffer) =>
  ingest('logs', decoders.logs.json(body, options), { namespace: 'shop' });

describe('an exception that was logged', () => {
  it.each([
    ['python-sdk-1.45-logging', 'run_python_logging', /(^|\.)LedgerError$/, ['logs', 'traces']],
    ['python-sdk-1.45-logging', 'run_python_logging', /(^|\.)LedgerError$/, ['traces', 'logs']],
    [
      'python-sdk-1.45-logging',
      'run_python_logging',
      /(^|\.)LedgerError$/,
      ['traces', 'logs', 'logs'],
    ],
    ['java-agent-2.33-dup', 'run_java_dup', /^java\.net\.ConnectException$/, ['logs', 'traces']],
    ['java-agent-2.33-dup', 'run_java_dup', /^java\.net\.ConnectException$/, ['traces', 'logs']],
  ])(
    'by %s and recorded on its span counts once in its run (%s, %s, %j)',
    async (name, runId, type, order) => {
      const namespace = `ns_${randomBytes(4).toString('hex')}`;
      const traceId = randomBytes(16);
      for (const signal of order) await sendCaptured(`${name}.${signal}.bin`, traceId, namespace);
      const run = (await get(`/api/runs/${runId}?namespace=${namespace}`)).json();
      expect(run).toMatchObject({ status: 'failed' });
      const exceptions = run.attempt_list[0].failures.filter(isException);
      expect(exceptions).toMatchObject([{ error_type: expect.stringMatching(type) }]);
      // In its span's place: a log record does not know the name.
      expect(exceptions[0].span_name).not.toBe('');
    },
  );

  it('alone is in the run of its trace, which its root names', async () => {
    const namespace = 'logs_alone';
    const traceId = randomBytes(16);
    await sendCaptured('java-agent-2.33-dup.logs.bin', traceId, namespace);
    const { traces } = captured('java-agent-2.33-dup.traces.bin', traceId);
    expect(traces?.spans.length).toBeGreaterThan(0);
    for (const span of traces?.spans ?? []) span.exceptions = [];
    if (traces) await ingest('traces', traces, { namespace });
    const run = (await get(`/api/runs/run_java_dup?namespace=${namespace}`)).json();
    expect(run.attempt_list[0].failures.filter(isException)).toMatchObject([
      { source: 'log_record', error_type: 'java.net.ConnectException' },
    ]);
    const { text } = await get(`/api/runs/run_java_dup/trace?namespace=${namespace}`);
    expect(text).toContain('java.net.ConnectException');
  });

  it('in no trace is a run of its own, once however often it is sent', async () => {
    const body = logged({ runId: 'run_loose' });
    await sendLog(body);
    await sendLog(body);
    const run = (await get('/api/runs/run_loose')).json();
    expect(run).toMatchObject({ status: 'failed', error_message: 'gone', attempts: 1 });
    expect(run.attempt_list[0].failures).toHaveLength(1);
    expect((await get('/api/runs/run_loose/trace')).text).toBe(
      'OrderError: gone\n    at place (orders.js:1:2)',
    );
  });

  it('in a trace of which no span is known is found by its run and in the list, and by its words', async () => {
    const traceId = randomBytes(16).toString('hex');
    await sendLog(logged({ runId: 'run_logs_only', traceId, message: 'zebra lost' }));
    await sendLog(logged({ traceId, message: 'because of a lion' }));
    const run = (await get('/api/runs/run_logs_only')).json();
    expect(run).toMatchObject({ status: 'failed' });
    expect(run.attempt_list[0].failures).toHaveLength(2);
    for (const query of ['', `&q=${encodeURIComponent(run.error_message)}`]) {
      const list = (await get(`/api/runs?namespace=shop${query}`)).json();
      const ids = list.runs.map((one: { run_id: string }) => one.run_id);
      expect(ids).toContain('run_logs_only');
      expect(ids).not.toContain(traceId);
    }
  });

  it('below ERROR, and alone, is no failed run', async () => {
    await sendLog(logged({ runId: 'run_warned', severityNumber: 13 }));
    expect((await get('/api/runs/run_warned')).json()).toMatchObject({ status: 'unknown' });
  });
});
