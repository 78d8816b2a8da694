#!/usr/bin/env node
/** Puts failtrace onto the tables of the Collector's own ClickHouse exporter, or takes it off; see `attach/command.ts`. */
import {
  CLUSTER_SETTING,
  createLogger,
  requireClickHouseAddress,
  runMain,
  SettingError,
} from '@failtrace/contract/server';
import { attach, AttachError, detach } from './attach/attach.ts';
import { backfill } from './attach/backfill.ts';
import { parseCommand } from './attach/command.ts';
import { readReceiverSettings } from './settings.ts';
import { makeTablesReady } from './storage.ts';
import { createStoreClient } from './store/client.ts';
import { MigrationError } from './store/migration-error.ts';

async function main(): Promise<void> {
  const { action, database, traces, logs, backfillMs } = parseCommand(process.argv.slice(2));
  const address = requireClickHouseAddress(process.env);
  if (address.cluster) {
    throw new SettingError(
      `${CLUSTER_SETTING}="${address.cluster.name}" does not do: views write to one server alone. Allowed: not to be set.`,
    );
  }
  const { retentionMs, runIdAttributes, fsync } = readReceiverSettings(process.env);
  const client = createStoreClient(address);
  const own = { client, database: address.database };
  try {
    if (action === 'detach') {
      await detach(own);
      return console.log('detached');
    }
    await makeTablesReady(address, fsync, createLogger('collector'));
    const exporterDatabase = database ?? address.database;
    const sources = await attach({
      ...own,
      exporterDatabase,
      traces,
      logs,
      retentionMs,
      runIdAttributes,
    });
    console.log(`attached to ${sources.map(({ table }) => table).join(' and ')}`);
    if (backfillMs === 0) return;
    let told = 0;
    await backfill({
      ...own,
      sources,
      periodMs: backfillMs,
      nowMs: Date.now(),
      onProgress(done, steps) {
        const percent = Math.floor((done / steps) * 100);
        if (percent < told + 5 && done < steps) return;
        told = percent;
        console.log(`backfill: ${percent} % (${done} of ${steps} steps)`);
      },
    });
  } finally {
    await client.close();
  }
}

await runMain('failtrace collector', main, [MigrationError, AttachError]);
