import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import {
  createApp,
  createGuard,
  createReadClient,
  createReader,
  type ApiApp,
} from '@failtrace/api';
import { createClient, type ClickHouseClient } from '@clickhouse/client';
import { readReceiverSettings, startReceiver, type Receiver } from '@failtrace/collector-plugin';
import { requireClickHouseAddress, type Logger } from '@failtrace/contract/server';
import { startEmbeddedClickHouse, type EmbeddedClickHouse } from 'failtrace';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { oddSpans } from './attach/odd-spans.ts';
import { freePorts } from './collector/free-ports.ts';
import { startCollector, type RunningCollector } from './collector/start-collector.ts';

const EXPORTER = 'otel_attach';
const command = path.resolve(import.meta.dirname, '../collector-plugin/src/collector-main.ts');
const silent: Logger = { info() {}, warn() {}, error() {} };

let clickhouse: EmbeddedClickHouse;
let directory: string;
let client: ClickHouseClient;
let collector: RunningCollector | undefined;
let collectorUrl: string;

beforeAll(async () => {
  if (inject('collectorMissing') !== '') return;
  directory = await mkdtemp(path.join(tmpdir(), 'failtrace-attach-'));
  clickhouse = await startEmbeddedClickHouse(directory, { databases: [EXPORTER, 'ft_*'] });
  client = createClient({ url: clickhouse.writeUrl });
  const [otlpHttpPort = 0, otlpGrpcPort = 0, healthPort = 0] = await freePorts(3);
  collector = await startCollector({
    config: path.join(import.meta.dirname, 'attach/collector.yaml'),
    manifest: path.resolve(import.meta.dirname, '../bench/year/exporter/builder.yaml'),
    env: { CLICKHOUSE_URL: clickhouse.writeUrl, CLICKHOUSE_DATABASE: EXPORTER },
    otlpHttpPort,
    otlpGrpcPort,
    healthPort,
    storageDirectory: '',
  });
  collectorUrl = `http://127.0.0.1:${otlpHttpPort}`;
}, 600_000);
afterAll(async () => {
  await collector?.stop();
  await client?.close();
  await clickhouse?.stop();
  if (directory) await rm(directory, { recursive: true, force: true });
});

const addressOf = (database: string) => new URL(`/${database}`, clickhouse.writeUrl).href;

async function run(database: string, ...args: string[]): Promise<string> {
  const { stdout } = await promisify(execFile)(
    process.execPath,
    ['--conditions=failtrace-source', command, ...args],
    { env: { CLICKHOUSE_URL: addressOf(database), FAILTRACE_RETENTION: '30d' }, timeout: 60_000 },
  );
  return stdout;
}

async function send(url: string, body: string): Promise<void> {
  const response = await fetch(url, {
    method: 'POST',
    body,
    headers: { 'content-type': 'application/json' },
  });
  expect(response.status).toBe(200);
}

async function withReceiver<T>(database: string, work: (receiver: Receiver) => Promise<T>) {
  const receiver = await startReceiver(
    { ...readReceiverSettings({}), otlpPort: 0, workers: 1 },
    requireClickHouseAddress({ CLICKHOUSE_URL: addressOf(database) }),
    silent,
  );
  try {
    return await work(receiver);
  } finally {
    await receiver.close();
  }
}

async function withApi<T>(database: string, work: (app: ApiApp) => Promise<T>): Promise<T> {
  const reading = createReadClient(
    requireClickHouseAddress({ CLICKHOUSE_URL: new URL(`/${database}`, clickhouse.readUrl).href }),
  );
  try {
    return await work(
      createApp({ reader: createReader(reading), guard: createGuard({ mode: 'none' }) }),
    );
  } finally {
    await reading.close();
  }
}

interface RunDetail {
  attempt_list: { failures: Record<string, unknown>[] }[];
}

/** All of a failure but its fingerprint, which is told by how its text is stored. */
function told({ fingerprint: _fingerprint, ...failure }: Record<string, unknown>) {
  return failure;
}

async function select(query: string): Promise<unknown[]> {
  return (await client.query({ query, format: 'JSONEachRow' })).json();
}

/** All of a database but when it was stored, and how its texts are named and cut. */
async function storedIn(database: string) {
  return {
    records: await select(
      `SELECT * EXCEPT (trace_id, span_id, parent_span_id, message_hash, text_hash, template_form, cuts, error_message, expires_at, dropped_at),
         hex(trace_id) AS trace, hex(span_id) AS span, hex(parent_span_id) AS parent, hex(message_hash) AS message_name,
         substring(hex(text_hash), 1, 4) AS kinship, round((toUnixTimestamp(expires_at) - toUnixTimestamp(now())) / 86400) AS days, hex(MD5(error_message)) AS message
       FROM ${database}.run_records FINAL ORDER BY ALL`,
    ),
    keys: await select(
      `SELECT * EXCEPT dropped_at FROM ${database}.record_keys FINAL ORDER BY ALL`,
    ),
  };
}

describe('attached to the tables of the Collector’s exporter', () => {
  it('stores what the receiver stores, and gives it back byte for byte', async () => {
    const { body, runIds } = oddSpans(Date.now());
    await run('ft_views', 'attach', '--database', EXPORTER);
    await send(`${collectorUrl}/v1/traces`, body);
    await withReceiver('ft_receiver', (receiver) => send(`${receiver.url}/v1/traces`, body));
    const expected = await storedIn('ft_receiver');
    expect(expected.records.length).toBeGreaterThan(25);
    expect(await storedIn('ft_views')).toEqual(expected);
    const texts = (database: string) =>
      withApi(database, (app) =>
        Promise.all(
          runIds.map(async (id) => {
            const response = await app.request(
              `/api/runs/${encodeURIComponent(id)}/trace?full=true&include=all`,
            );
            return [id, response.status, await response.text()];
          }),
        ),
      );
    const downloads = await texts('ft_receiver');
    expect(downloads.filter(([, status]) => status === 200).length).toBeGreaterThan(15);
    expect(await texts('ft_views')).toEqual(downloads);
  });

  it('counts once what comes both ways', async () => {
    const { body, runIds } = oddSpans(Date.now() + 1_000);
    await run('ft_both', 'attach', '--database', EXPORTER);
    await send(`${collectorUrl}/v1/traces`, body);
    await withReceiver('ft_both', (receiver) => send(`${receiver.url}/v1/traces`, body));
    await withReceiver('ft_once', (receiver) => send(`${receiver.url}/v1/traces`, body));
    const failures = (database: string) =>
      withApi(database, (app) =>
        Promise.all(
          runIds.map(async (id) => {
            const response = await app.request(`/api/runs/${encodeURIComponent(id)}?include=all`);
            const { attempt_list: attempts } = (await response.json()) as RunDetail;
            return { id, failures: attempts.map((attempt) => attempt.failures.map(told)) };
          }),
        ),
      );
    const once = await failures('ft_once');
    expect(once.flatMap((of) => of.failures.flat()).length).toBeGreaterThan(15);
    expect(await failures('ft_both')).toEqual(once);
  });

  it('takes what is there, as often as it is told, and can be detached', async () => {
    const { body } = oddSpans(Date.now() - 3 * 3_600_000);
    await send(`${collectorUrl}/v1/traces`, body);
    const said = await run('ft_past', 'attach', '--database', EXPORTER, '--backfill', '4h');
    expect(said).toContain('backfill: 100 %');
    const first = await storedIn('ft_past');
    expect(first.records.length).toBeGreaterThan(25);
    await run('ft_past', 'attach', '--database', EXPORTER, '--backfill', '4h');
    expect(await storedIn('ft_past')).toEqual(first);
    await run('ft_past', 'detach');
    expect(await run('ft_never', 'detach')).toBe('detached\n');
    expect(await run('ft_past', 'detach')).toBe('detached\n');
    await send(`${collectorUrl}/v1/traces`, oddSpans(Date.now()).body);
    expect(await storedIn('ft_past')).toEqual(first);
  });

  it('takes the exceptions of log records', async () => {
    const record = (attributes: Record<string, string>, more: object = {}) => ({
      timeUnixNano: `${Date.now()}000000`,
      severityNumber: 17,
      body: { stringValue: 'words' },
      attributes: Object.entries(attributes).map(([key, stringValue]) => ({
        key,
        value: { stringValue },
      })),
      ...more,
    });
    await run('ft_logs', 'attach', '--database', EXPORTER);
    const logRecords = [
      record(
        { 'exception.type': 'E', 'exception.message': 'lost', 'run.id': 'run_1' },
        { traceId: 'a'.repeat(32), spanId: 'b'.repeat(16) },
      ),
      record({}, { eventName: 'http.exception', severityNumber: 9 }),
      record({}),
    ];
    await send(
      `${collectorUrl}/v1/logs`,
      JSON.stringify({ resourceLogs: [{ scopeLogs: [{ logRecords }] }] }),
    );
    expect(
      await select(
        `SELECT error_type, error_message, run_id, source, handled FROM ft_logs.run_records ORDER BY ALL`,
      ),
    ).toEqual([
      { error_type: '', error_message: 'words', run_id: '', source: 'log_record', handled: true },
      {
        error_type: 'E',
        error_message: 'lost',
        run_id: 'run_1',
        source: 'log_record',
        handled: false,
      },
    ]);
  });

  it('never makes an insert of the exporter fail, whatever is in it', async () => {
    await run('ft_odd', 'attach', '--database', EXPORTER);
    const times = ['1900-01-01', '1970-01-01', '2261-01-01', '2026-01-01'];
    const durations = ['0', '9223372036854775807', '18446744073709551615'];
    const texts = [`''`, `'.'`, `unhex('ff00fe0a20206174200a')`, `repeat('    at é\\n', 100000)`];
    const ids = [`repeat('a', 32)`, `repeat('0', 32)`, `'short'`, `unhex('ff00')`];
    await client.command({
      query: `INSERT INTO ${EXPORTER}.otel_traces (
          Timestamp, TraceId, SpanId, ParentSpanId, SpanName, ResourceAttributes, SpanAttributes, Duration, StatusCode,
          StatusMessage, Events.Timestamp, Events.Name, Events.Attributes
        )
        SELECT time, id, lower(hex(reinterpretAsFixedString(rowNumberInAllBlocks() + 1))), id, text, map('service.name', text), map('run.id', text), duration, text, text,
          [time], ['exception'],
          [map('exception.type', text, 'exception.message', text, 'exception.stacktrace', text)]
        FROM (
          SELECT arrayJoin([${ids.join(', ')}]) AS id, toDateTime64(arrayJoin(['${times.join(`', '`)}']), 9, 'UTC') AS time,
            arrayJoin([${durations.join(', ')}]) AS duration, arrayJoin([${texts.join(', ')}]) AS text
        )`,
      clickhouse_settings: { max_partitions_per_insert_block: '0' },
    });
    const [stored] = await select(
      `SELECT toUInt32(countIf(source != 'none')) AS records, min(at) >= toDateTime64(0, 9) AND max(at) <= now() + 61 AS fit FROM ft_odd.run_records`,
    );
    // Of four ids one is an id.
    expect(stored).toEqual({ records: times.length * durations.length * texts.length, fit: 1 });
  });

  it('says what is missing', async () => {
    await expect(run('ft_none', 'attach', '--database', 'ft_no_exporter')).rejects.toThrow(
      'There is no table ft_no_exporter.otel_traces.',
    );
    await expect(run('ft_none', 'attach', '--backfill', 'x')).rejects.toThrow('--backfill "x"');
    await expect(run('ft_none', 'put')).rejects.toThrow('Usage: failtrace-collector');
  });
});
