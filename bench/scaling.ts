/**
 * Measures what one failure costs: bytes on disk, and time of the processor in the receiver and in ClickHouse,
 * until it is stored and its parts are merged; on one server, and on two that share the rows. These are the
 * inputs of docs/scaling.md. For Linux, where /proc says what a process has used.
 */
import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import { createClient, type ClickHouseClient } from '@clickhouse/client';
import { createStoreClient, migrate } from '@failtrace/collector-plugin';
import { startEmbeddedClickHouse } from 'failtrace';
import { otlpMessages } from '../collector-plugin/testing/otlp-messages.ts';
import { CLUSTER, startTwoServers } from '../e2e/cluster/servers.ts';
import { startProcess } from './processes.ts';
import { encodeBatch } from './spans.ts';

const DATABASE = 'ft_scaling';
/** Each the root span of a run, with an exception of 40 frames whose message is its own. */
const FAILURES_IN_BODY = 1_000;
const BODIES = 300;
const SENDERS = 4;
/** As /proc counts the time of a process: in hundredths of a second, on every Linux. */
const TICKS_PER_SECOND = 100;
const MILLION = 1_000_000;

interface Server {
  writeUrl: string;
  pid: number;
}

const { request } = otlpMessages();
const shape = { spans: FAILURES_IN_BODY, oneFailingIn: 1, namesRuns: true };
// Made beforehand: making one takes longer than receiving it.
const bodies = Array.from({ length: BODIES }, () =>
  gzipSync(encodeBatch(request, shape), { level: 1 }),
);

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
    receiver: cpuSeconds(receiver.pid),
    clickHouse: servers.reduce((sum, { pid }) => sum + cpuSeconds(pid), 0),
  });
  try {
    const before = used();
    const startedAt = performance.now();
    await sendAll(receiver.url);
    const seconds = (performance.now() - startedAt) / 1_000;
    await Promise.all(clients.map(merged));
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

async function sendAll(receiverUrl: string): Promise<void> {
  const waiting = bodies.values();
  const sender = async () => {
    for (const body of waiting) {
      const response = await fetch(`${receiverUrl}/v1/traces`, {
        method: 'POST',
        headers: { 'content-type': 'application/x-protobuf', 'content-encoding': 'gzip' },
        body: new Uint8Array(body),
      });
      if (response.status !== 200) throw new Error(`answered ${response.status}`);
      await response.arrayBuffer();
    }
  };
  await Promise.all(Array.from({ length: SENDERS }, sender));
}

/** Waits until ClickHouse has nothing more to merge by itself. */
async function merged(client: ClickHouseClient): Promise<void> {
  for (let quiet = 0; quiet < 5;) {
    await sleep(1_000);
    const result = await client.query({
      query: 'SELECT count() AS merges FROM system.merges',
      format: 'JSONEachRow',
    });
    const [{ merges } = { merges: 0 }] = await result.json<{ merges: string | number }>();
    quiet = Number(merges) === 0 ? quiet + 1 : 0;
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

/** What a process and its threads have used so far; see proc_pid_stat(5), utime and stime. */
function cpuSeconds(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND;
}
