import {
  listen,
  type ClickHouseAddress,
  type Listening,
  type Logger,
} from '@failtrace/contract/server';
import type { ReceiverSettings } from './settings.ts';
import { createStoreClient } from './store/client.ts';
import { readCluster, requireQuorum } from './store/cluster.ts';
import { awaitOtherServers } from './store/cluster-tables.ts';
import { migrate } from './store/migrate.ts';
import type { ShardSlots } from './store/shards.ts';
import { createHttpReceiver } from './transport/http-receiver.ts';
import { startBodyWorkers } from './worker/body-workers.ts';
import { budgetOf, createSharedBudget } from './worker/buffer-budget.ts';

/** So long may requests take that are under way when the receiver is told to end. */
const DRAIN_MS = 10_000;

/**
 * Starts all of this package: brings the tables up to date, starts the worker threads, and listens for
 * OTLP/HTTP. `close` ends it in the reverse order, so that what was acknowledged, or is about to be, is
 * stored.
 *
 * @throws MigrationError, SettingError or ListenError, each with one line for a person; nothing is left running.
 */
export async function startReceiver(
  settings: ReceiverSettings,
  clickhouse: ClickHouseAddress,
  logger: Logger,
): Promise<Listening> {
  const { host, otlpPort, auth, maxBodyBytes, maxBufferedBytes, workers } = settings;
  const slots = await bringTablesUpToDate(clickhouse, settings.fsync, logger);
  const budget = createSharedBudget(maxBufferedBytes, workers);
  const { retentionMs, fsync, runIdAttributes } = settings;
  const bodies = await startBodyWorkers({
    data: { clickhouse, slots, retentionMs, fsync, runIdAttributes, maxBodyBytes, budget, workers },
    logger,
  });
  const server = createHttpReceiver({
    process: bodies.process,
    auth,
    maxBodyBytes,
    budget: budgetOf(budget, 'transport'),
    logger,
  });
  try {
    const listening = await listen(server, {
      host,
      port: otlpPort,
      portSetting: 'FAILTRACE_OTLP_PORT',
      drainMs: DRAIN_MS,
    });
    return {
      ...listening,
      async close() {
        await listening.close();
        await bodies.close();
      },
    };
  } catch (error) {
    await bodies.close();
    throw error;
  }
}

/** Makes the tables ready, and finds out over which shards they are spread. */
async function bringTablesUpToDate(
  { database, cluster, ...server }: ClickHouseAddress,
  fsync: boolean,
  logger: Logger,
): Promise<ShardSlots> {
  // Without a database of its own: it may have to be made first.
  const client = createStoreClient(server);
  try {
    await migrate({ client, database, cluster: cluster?.name, fsync });
    if (!cluster) return [];
    const known = await readCluster(client, cluster.name);
    requireQuorum(known, cluster.quorum);
    await awaitOtherServers({ client, database, logger });
    return known.slots;
  } finally {
    await client.close();
  }
}
