#!/usr/bin/env node
import { readCluster } from '@failtrace/collector-plugin/cluster';
import {
  createLogger,
  requireClickHouseAddress,
  runMain,
  SettingError,
  stopOnSignals,
  type ClickHouseAddress,
  type Fail,
} from '@failtrace/contract/server';
import { createApp } from './app.ts';
import { createGuard } from './authorise/guard.ts';
import { createReadClient } from './clickhouse-client.ts';
import { createCollectDead } from './deliver/freeing.ts';
import { createReader } from './read/reader.ts';
import { startApi } from './server.ts';
import { readApiSettings } from './settings.ts';

async function main(fail: Fail): Promise<void> {
  const { host, port, auth, corsOrigins } = readApiSettings(process.env);
  const logger = createLogger('api');
  const address = requireClickHouseAddress(process.env);
  const client = createReadClient(address);
  const reader = createReader(client);
  const app = createApp({
    reader,
    guard: createGuard(auth),
    logger,
    corsOrigins,
    collectDead: createCollectDead(),
  });
  const api = await startApi({ app, host, port });
  stopOnSignals({
    async stop() {
      await api.close();
      await client.close();
    },
    logger,
    fail,
    isUnderNpm: process.env['npm_lifecycle_event'] !== undefined,
  });
  console.log(`failtrace API: ${api.url} (authentication: ${auth.mode})`);

  if (address.cluster) await requireCluster(address, address.cluster.name);
  await reader.ready().then(
    () => console.log('ClickHouse answers and has the tables.'),
    (err: unknown) => logger.warn({ err }, 'Not ready yet; /readyz tells when it is'),
  );
}

/**
 * Where ClickHouse does not answer, the API starts all the same, and `/readyz` says what is missing.
 *
 * @throws SettingError the server knows no such cluster
 */
async function requireCluster(address: ClickHouseAddress, name: string): Promise<void> {
  // The database of the tables may have to be made yet.
  const client = createReadClient({ ...address, database: 'system' });
  try {
    await readCluster(client, name);
  } catch (error) {
    if (error instanceof SettingError) throw error;
  } finally {
    await client.close();
  }
}

await runMain('failtrace API', main);
