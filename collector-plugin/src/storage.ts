import type { ClickHouseClient } from '@clickhouse/client';
import { waitFor, type ClickHouseAddress, type Logger } from '@failtrace/contract/server';
import type { ReceiverSettings } from './settings.ts';
import { createStoreClient } from './store/client.ts';
import { readCluster, requireQuorum } from './store/cluster.ts';
import { awaitOtherServers } from './store/cluster-tables.ts';
import { isPassing, reasonOf } from './store/migration-error.ts';
import { migrate } from './store/migrate.ts';
import { missingTables } from './store/missing-tables.ts';
import type { ShardSlots } from './store/shards.ts';
import { startBodyWorkers } from './worker/body-workers.ts';
import type { SharedBudget } from './worker/buffer-budget.ts';
import type { ProcessBody } from './worker/packed-body.ts';

/** A ClickHouse server with its tables made ready, and the threads that write to it. */
export interface Storage {
  process: ProcessBody;
  /** Why it cannot store now, in words for anybody; undefined where it can. */
  whyNotReady(): Promise<string | undefined>;
  /**
   * Ends the threads, once all that they were given is stored or has failed.
   *
   * @param withinMs what takes longer, in milliseconds, fails with `worker_ended`
   */
  close(withinMs?: number): Promise<void>;
}

/** A ClickHouse that takes longer, in milliseconds, to say which tables it has hangs. */
const READY_MS = 2_000;

/**
 * Waits for ClickHouse, brings its tables up to date, and starts the worker threads.
 *
 * @param signal ends the wait
 * @throws MigrationError or SettingError, each with one line for a person; nothing is left running
 */
export async function openStorage(
  settings: ReceiverSettings,
  clickhouse: ClickHouseAddress,
  { budget, logger, signal }: { budget: SharedBudget; logger: Logger; signal: AbortSignal },
): Promise<Storage> {
  const slots = await waitFor(() => makeTablesReady(clickhouse, settings.fsync, logger), {
    timeoutMs: settings.startTimeoutMs,
    isPassing,
    onWait: (error, secondsLeft) => {
      const why = reasonOf(error);
      logger.warn(
        {},
        `ClickHouse does not answer yet (${why}). Waiting for it, ${secondsLeft} s more.`,
      );
    },
    signal,
  });
  const { retentionMs, fsync, runIdAttributes, maxBodyBytes, workers } = settings;
  const bodies = await startBodyWorkers({
    data: { clickhouse, slots, retentionMs, fsync, runIdAttributes, maxBodyBytes, budget, workers },
    logger,
  });
  const client = createStoreClient(clickhouse);
  return {
    process: bodies.process,
    whyNotReady: () => whyNotReady(client),
    async close(withinMs) {
      await bodies.close(withinMs);
      await client.close();
    },
  };
}

async function whyNotReady(client: ClickHouseClient): Promise<string | undefined> {
  try {
    const missing = await missingTables(client, AbortSignal.timeout(READY_MS));
    if (missing.length === 0) return undefined;
    return `The database has no table ${missing.join(', ')}.`;
  } catch {
    return 'ClickHouse does not answer.';
  }
}

/** Makes the tables ready, and finds out over which shards they are spread. @throws MigrationError, SettingError */
export async function makeTablesReady(
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
