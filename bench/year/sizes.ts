import type { ClickHouseClient } from '@clickhouse/client';
import {
  attributeNames,
  createIngest,
  createStore,
  createStoreClient,
  decoders,
  DEFAULT_RUN_ID_ATTRIBUTES,
  spanMatters,
} from '@failtrace/collector-plugin';
import { otlpMessages } from '../../collector-plugin/testing/otlp-messages.ts';
import type { Row } from '../report.ts';
import { exporterTables } from './exporter/spans-table.ts';
import { startExporter } from './exporter/start-exporter.ts';
import { makeDatabase, patientClient, RETENTION_MS } from './fill.ts';
import { activeParts } from './parts.ts';
import { encodeFailedSpans, type SpanShape } from './sized-spans.ts';
import { grownTables } from './tables.ts';

const DAY_MS = 86_400_000;
const APART_MS = 60_000;
const SPANS_A_REQUEST = 2_000;
const MOST_FAILURES = 100_000;

const shapes: readonly (SpanShape & { most: number })[] = [
  { what: 'the number in the message alone', hasRunId: false, hasCause: false, most: 0.5 },
  { what: 'the same, with a run id', hasRunId: true, hasCause: false, most: 0.6 },
  {
    what: 'the same, the number in a “Caused by” line too',
    hasRunId: true,
    hasCause: true,
    most: 0.6,
  },
];

/**
 * Bytes that a failure takes on disk, against the same spans written by the Collector's own ClickHouse
 * exporter: both get the same requests, a day of them, and every table is one part in the end.
 */
export async function benchSizes(url: string, database: string, failures: number): Promise<Row[]> {
  const count = Math.min(failures, MOST_FAILURES);
  const rows: Row[] = [];
  for (const [index, shape] of shapes.entries()) {
    const names = { own: `${database}_own_${index}`, exporter: `${database}_exporter_${index}` };
    console.error(`  sizes: ${shape.what}`);
    await writeBoth(url, names, shape, count);
    const own = await bytesAFailure(url, names.own, grownTables, count);
    const exporter = await bytesAFailure(url, names.exporter, exporterTables, count);
    await tellColumns(url, names.own, count);
    rows.push({
      what: `bytes a failure on disk, ${shape.what}`,
      failtrace: `${own.toFixed(0)} bytes`,
      baseline: `${exporter.toFixed(0)} bytes, \`otel_traces\` and its trace ids`,
      result: `${(own / exporter).toFixed(2)} times`,
      target: `at most ${shape.most} times`,
      reached: own / exporter <= shape.most,
    });
  }
  return rows;
}

async function writeBoth(
  url: string,
  names: { own: string; exporter: string },
  shape: SpanShape,
  failures: number,
): Promise<void> {
  await makeDatabase(url, names.own);
  const client = createStoreClient({ url, database: names.own });
  const exporter = await startExporter(url, names.exporter);
  // Yesterday, and nothing around midnight: neither side has two days of it.
  const start = Math.floor(Date.now() / DAY_MS - 1) * DAY_MS + APART_MS;
  const stepMs = (DAY_MS - 2 * APART_MS) / failures;
  let nowMs = start;
  const now = () => nowMs;
  const store = createStore({ client, retentionMs: RETENTION_MS, batchRows: 1, now });
  const ingest = createIngest(store, now);
  const options = { runIdNames: attributeNames(DEFAULT_RUN_ID_ATTRIBUTES), keep: spanMatters };
  const { request } = otlpMessages();
  try {
    for (let first = 0; first < failures; first += SPANS_A_REQUEST) {
      const count = Math.min(SPANS_A_REQUEST, failures - first);
      const firstEndMs = start + first * stepMs;
      const body = encodeFailedSpans(request, shape, { first, count, firstEndMs, stepMs });
      nowMs = firstEndMs + count * stepMs - 1;
      const stored = ingest('traces', decoders.traces.protobuf(body, options), {});
      await Promise.all([stored, post(exporter.tracesUrl, body)]);
    }
  } finally {
    await exporter.stop();
    await store.close();
    await client.close();
  }
}

async function post(url: string, body: Buffer): Promise<void> {
  const headers = { 'content-type': 'application/x-protobuf' };
  const response = await fetch(url, { method: 'POST', headers, body: new Uint8Array(body) });
  if (!response.ok) throw new Error(`${url} answered ${response.status}`);
}

/** Bytes of some tables in one part each, by the failure. */
async function bytesAFailure(
  url: string,
  database: string,
  tables: readonly string[],
  failures: number,
): Promise<number> {
  const client = patientClient(url, database);
  try {
    await optimize(client, tables);
    const parts = (await activeParts(client, database)).filter(({ table }) =>
      tables.includes(table),
    );
    // The first of them has a row for each failure.
    const main = parts.find(({ table }) => table === tables[0]);
    if (main?.rows !== failures)
      throw new Error(`${database} has ${main?.rows} of ${failures} rows`);
    for (const { table, parts: count, bytes } of parts) {
      console.error(
        `  ${database}.${table}: ${(bytes / failures).toFixed(1)} bytes, ${count} parts`,
      );
    }
    return parts.reduce((sum, { bytes }) => sum + bytes, 0) / failures;
  } finally {
    await client.close();
  }
}

/** Tells what each column takes. A compact part has no sizes of columns, so the parts are made wide. */
async function tellColumns(url: string, database: string, failures: number): Promise<void> {
  const client = patientClient(url, database);
  try {
    for (const table of grownTables) {
      await client.command({
        query: `ALTER TABLE ${table} MODIFY SETTING min_bytes_for_wide_part = 0, min_rows_for_wide_part = 0`,
      });
    }
    await optimize(client, grownTables);
    const result = await client.query({
      query: `SELECT table, name, data_compressed_bytes / {failures:Float64} AS bytes
        FROM system.columns WHERE database = {database:String} AND data_compressed_bytes > 0
        ORDER BY table, bytes DESC`,
      query_params: { database, failures },
      format: 'JSONEachRow',
    });
    const rows = await result.json<{ table: string; name: string; bytes: number }>();
    for (const [table, columns] of Map.groupBy(rows, ({ table: name }) => name)) {
      const told = columns?.map(({ name, bytes }) => `${name} ${bytes.toFixed(1)}`).join(', ');
      console.error(`    ${table}: ${told}`);
    }
  } finally {
    await client.close();
  }
}

async function optimize(client: ClickHouseClient, tables: readonly string[]): Promise<void> {
  for (const table of tables) await client.command({ query: `OPTIMIZE TABLE ${table} FINAL` });
}
