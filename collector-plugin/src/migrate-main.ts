#!/usr/bin/env node
/**
 * Brings the tables up to date on the server that `CLICKHOUSE_URL` names, and ends. Every receiver does so when
 * it starts; by itself it is for a cluster without a DDL queue, whose servers are each told once, and for
 * receivers whose user may not make tables.
 */
import { requireClickHouseAddress, runMain } from '@failtrace/contract/server';
import { readFsync } from './settings.ts';
import { createStoreClient } from './store/client.ts';
import { MigrationError } from './store/migration-error.ts';
import { migrate } from './store/migrate.ts';

async function main(): Promise<void> {
  const { database, cluster, ...server } = requireClickHouseAddress(process.env);
  const fsync = readFsync(process.env);
  const client = createStoreClient(server);
  try {
    const applied = await migrate({ client, database, cluster: cluster?.name, fsync });
    console.log(applied.length > 0 ? `applied: ${applied.join(', ')}` : 'nothing to do');
  } finally {
    await client.close();
  }
}

await runMain('failtrace migrate', main, [MigrationError]);
