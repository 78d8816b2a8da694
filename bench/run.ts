/**
 * Measures failtrace beside the simple way, in one run on one machine, and writes the table into
 * README.md. Names of benches as arguments run only those, and leave the README alone.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { createClient } from '@clickhouse/client';
import { migrate } from '@failtrace/collector-plugin';
import { startEmbeddedClickHouse } from 'failtrace';
import { createSimpleTable } from './baseline/tables.ts';
import { benchCollector } from './collector.ts';
import { descendantsOf } from './cpu.ts';
import { benchDecodeLogs } from './decode-logs.ts';
import { benchDecode } from './decode.ts';
import { benchFront, benchNetwork } from './front.ts';
import { benchFsync } from './fsync.ts';
import { benchGrpc } from './grpc.ts';
import { benchHostile } from './hostile.ts';
import { benchLookUp } from './look-up.ts';
import { startProcess } from './processes.ts';
import { benchReceive } from './receive.ts';
import { asTable, writeReadme, type Row } from './report.ts';
import { benchStream } from './stream.ts';
import { benchYear } from './year/bench-year.ts';

const DATABASE = 'failtrace_bench';
const YEAR_FAILURES = readFailures(process.env['FAILTRACE_BENCH_FAILURES']);

const directory = await mkdtemp(path.join(os.tmpdir(), 'failtrace-bench-'));
const clickhouse = await startEmbeddedClickHouse(directory, { databases: [`${DATABASE}*`] });
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => void cleanUp().finally(() => process.exit(1)));
}
const clickhousePids = descendantsOf(process.pid);
try {
  const databaseUrl = new URL(DATABASE, clickhouse.writeUrl).href;
  const version = await prepareDatabase(clickhouse.writeUrl);
  const startApi = (env: Record<string, string> = {}) =>
    startProcess('../api/src/main.ts', [], {
      CLICKHOUSE_URL: new URL(DATABASE, clickhouse.readUrl).href,
      FAILTRACE_API_PORT: '0',
      ...env,
    });
  const clickhouseOfBench = {
    url: clickhouse.writeUrl,
    database: DATABASE,
    pids: clickhousePids,
  };
  const benches: Record<string, () => Promise<Row[]>> = {
    decode: benchDecode,
    logs: benchDecodeLogs,
    grpc: () => benchGrpc(databaseUrl),
    receive: () => benchReceive(databaseUrl),
    collector: () => benchCollector(clickhouseOfBench),
    fsync: () => benchFsync(clickhouse.writeUrl, DATABASE),
    hostile: () => benchHostile(databaseUrl),
    stream: () => benchStream(databaseUrl, startApi),
    'look-up': () => benchLookUp(databaseUrl, startApi),
    year: () =>
      benchYear({
        writeUrl: clickhouse.writeUrl,
        readUrl: clickhouse.readUrl,
        database: `${DATABASE}_year`,
        failures: YEAR_FAILURES,
        startApi,
      }),
  };
  /** They tell how to set up a Collector, and have no place in the table. */
  const onlyWhenNamed: typeof benches = {
    front: () => benchFront(clickhouseOfBench),
    network: () => benchNetwork(clickhouseOfBench),
  };

  const wanted = process.argv.slice(2);
  const rows: Row[] = [];
  for (const [name, bench] of Object.entries({ ...benches, ...onlyWhenNamed })) {
    if (wanted.length > 0 ? !wanted.includes(name) : name in onlyWhenNamed) continue;
    console.error(`measuring: ${name}`);
    rows.push(...(await bench()));
  }
  const [cpu] = os.cpus();
  const machine = `${os.cpus().length} cores (${cpu?.model.trim() ?? 'unknown'}), Node ${process.versions.node}, ClickHouse ${version}, ${new Date().toISOString().slice(0, 10)}`;
  console.log(`${machine}\n\n${asTable(rows)}`);
  if (wanted.length === 0) {
    writeReadme(
      new URL('./README.md', import.meta.url),
      `Measured on ${machine}.\n\n${asTable(rows)}`,
    );
  }
} finally {
  await cleanUp();
}

async function cleanUp(): Promise<void> {
  await clickhouse.stop();
  await rm(directory, { recursive: true, force: true });
}

/** How many failures a whole retention holds; fewer than usual are for trying the bench out. */
function readFailures(setting = '5000000'): number {
  if (/^[1-9]\d{2,8}$/.test(setting)) return Number(setting);
  throw new Error(
    `FAILTRACE_BENCH_FAILURES="${setting}". Allowed: a number from 100 to 999999999.`,
  );
}

async function prepareDatabase(url: string): Promise<string> {
  const admin = createClient({ url });
  await migrate({ client: admin, database: DATABASE });
  const version = await (
    await admin.query({ query: 'SELECT version()', format: 'TabSeparated' })
  ).text();
  await admin.close();
  const client = createClient({ url, database: DATABASE });
  await client.command({ query: createSimpleTable });
  await client.close();
  return version.trim();
}
