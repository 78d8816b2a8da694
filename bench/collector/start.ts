import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { createClient } from '@clickhouse/client';
import { freePorts } from '../../e2e/collector/free-ports.ts';
import { startProcess } from '../processes.ts';
import { startCollectorProcess } from './collector-process.ts';
import { writeConfig, type CollectorPorts } from './config.ts';
import type { Started } from './contest.ts';

/** The ClickHouse that all write to. */
export interface ClickHouseOfBench {
  /** With the user that writes, and without a database. */
  url: string;
  database: string;
  pids: readonly number[];
}

/**
 * The name of a database that is not there: whoever writes to it makes it. So nobody pays for merging what
 * another one has written.
 */
export async function freshDatabase({ url, database }: ClickHouseOfBench): Promise<string> {
  const fresh = `${database}_collector`;
  const client = createClient({ url });
  await client.command({ query: `DROP DATABASE IF EXISTS ${fresh} SYNC` });
  await client.close();
  return fresh;
}

/** failtrace's receiver, with one worker. */
export async function startFailtrace(
  clickhouse: ClickHouseOfBench,
  host = '127.0.0.1',
): Promise<Started> {
  const database = await freshDatabase(clickhouse);
  const receiver = await startProcess('../collector-plugin/src/main.ts', [], {
    CLICKHOUSE_URL: new URL(database, clickhouse.url).href,
    FAILTRACE_HOST: host,
    FAILTRACE_OTLP_AUTH: 'network',
    FAILTRACE_OTLP_PORT: '0',
    FAILTRACE_RECEIVER_WORKERS: '1',
  });
  const { port } = new URL(receiver.url);
  return {
    url: `http://${host}:${port}`,
    pids: { failtrace: [receiver.pid] },
    stop: () => receiver.stop(),
  };
}

/** A Collector with a configuration that is made for its ports and a directory of its own. */
export async function startCollector(
  configOf: (ports: CollectorPorts, directory: string) => object,
  { host, prefix }: { host: string; prefix: readonly string[] } = {
    host: '127.0.0.1',
    prefix: [],
  },
): Promise<Started> {
  const directory = await mkdtemp(path.join(os.tmpdir(), 'failtrace-bench-collector-'));
  const [http = 0, health = 0] = await freePorts(2);
  const ports = { host, http, health };
  const file = writeConfig(directory, configOf(ports, directory));
  const collector = await startCollectorProcess(file, ports, prefix);
  return {
    url: collector.url,
    pids: { Collector: [collector.pid] },
    async stop() {
      await collector.stop();
      await rm(directory, { recursive: true, force: true });
    },
  };
}
