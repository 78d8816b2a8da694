/**
 * Measures what one failure costs: bytes on disk, and time of the processor in the receiver and in ClickHouse,
 * until it is stored and its parts are merged; on one server, and on two that share the rows. These are the
 * inputs of docs/scaling.md. For Linux, where /proc says what a process has used.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { createClient, type ClickHouseClient } from '@clickhouse/client';
import { createStoreClient, migrate } from '@failtrace/collector-plugin';
import { startEmbeddedClickHouse } from 'failtrace';
import { otlpMessages } from '../collector-plugin/testing/otlp-messages.ts';
import { CLUSTER, startTwoServers } from '../e2e/cluster/servers.ts';
import { cpuSecondsOf } from './cpu.ts';
import { sendAll, type Load } from './load.ts';
import { mergesAreDone } from './merges.ts';
import { startProcess } from './processes.ts';
import { encodeBatch } from './spans.ts';

const DATABASE = 'ft_scaling';
/** Each the root span of a run, with an exception of 40 frames whose message is its own. */
const FAILURES_IN_BODY = 1_000;
const BODIES = 300;
const SENDERS = 4;
const MERGES_LIMIT_MS = 300_000;
const MILLION = 1_000_000;

interface Server {
  writeUrl: string;
  pid: number;
}

const { request } = otlpMessages();
const shape = { spans: FAILURES_IN_BODY, oneFailingIn: 1, namesRuns: true };
// Made beforehand: making one takes longer than receiving it.
const load: Load = {
  coding: 'gzip',
  bodies: Array.from({ length: BODIES }, () => gzipSync(encodeBatch(request, shape), { level: 1 })),
  spans: FAILURES_IN_BODY,
};

const directory = await mkdtemp(path.join(os.tmpdir(), 'failtrace-scaling-'));
const alone = await startEmbeddedClickHouse(directory, { databases: [DATABASE] });
await measure('One server', [alone], undefined);
await alone.stop();
await rm(directory, { recursive: true, force: true });
const two = await startTwoServers({ as: 'shards', databases: [DATABASE] });
await measure('Two servers that share the rows', two.servers, CLUSTER);
await two.stop();

async function measure(
  name: string,
  servers: readonly Server[],
  cluster: string | undefined,
): Promise<void> {
  for (const { writeUrl } of servers) {
    const client = createStoreClient({ url: writeUrl });
    await migrate({ client, database: DATABASE, cluster });
    await client.close();
  }
  const urls = servers.map(({ writeUrl }) => new URL(DATABASE, writeUrl).href);
  const receiver = await startProcess('../collector-plugin/src/main.ts', [], {
    CLICKHOUSE_URL: urls[0] ?? '',
    FAILTRACE_OTLP_PORT: '0',
    ...(cluster !== undefined && { FAILTRACE_CLICKHOUSE_CLUSTER: cluster }),
  });
  const clients = urls.map((url) => createClient({ url }));
  const used = () => ({
    receiver: cpuSecondsOf([receiver.pid]),
    clickHouse: cpuSecondsOf(servers.map(({ pid }) => pid)),
  });
  try {
    const before = used();
    const seconds = await sendAll(receiver.url, load, { requests: BODIES, senders: SENDERS });
    await Promise.all(clients.map((client) => mergesAreDone(client, MERGES_LIMIT_MS)));
    const after = used();
    const failures = BODIES * FAILURES_IN_BODY;
    const ofMillion = (cpu: number) => ((cpu * MILLION) / failures).toFixed(1);
    console.log(`${name}: ${failures.toLocaleString('en')} failures in ${seconds.toFixed(1)} s`);
    console.log(
      `  CPU seconds of a million: ${ofMillion(after.receiver - before.receiver)} in the receiver, ` +
        `${ofMillion(after.clickHouse - before.clickHouse)} in ClickHouse with its merges`,
    );
    for (const client of clients) console.log(await bytesByTable(client, failures));
  } finally {
    await Promise.all(clients.map((client) => client.close()));
    await receiver.stop();
  }
}

/** What each table has on disk, of all failures together. */
async function bytesByTable(client: ClickHouseClient, failures: number): Promise<string> {
  const result = await client.query({
    query: `SELECT table, sum(rows) AS rows, sum(bytes_on_disk) AS bytes, count() AS parts,
        sum(primary_key_bytes_in_memory) AS memory
      FROM system.parts WHERE database = '${DATABASE}' AND active GROUP BY table ORDER BY table`,
    format: 'JSONEachRow',
  });
  type Sums = Record<'table' | 'rows' | 'bytes' | 'parts' | 'memory', string>;
  const rows = await result.json<Sums>();
  const perFailure = (bytes: string) => (Number(bytes) / failures).toFixed(2);
  return rows
    .map(
      (of) =>
        `  ${of.table}: ${of.rows} rows in ${of.parts} parts, ${perFailure(of.bytes)} bytes on disk and ${perFailure(of.memory)} of index in memory for each failure sent`,
    )
    .join('\n');
}
