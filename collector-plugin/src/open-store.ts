import type { ClickHouseAddress, Logger } from '@failtrace/contract/server';
import { createStoreClient } from './store/client.ts';
import { createTableRemaker } from './store/remake-tables.ts';
import { createStore, type Store } from './store/store.ts';
import { makeTablesReady } from './storage.ts';

/** How {@link openStore} keeps what it is given. */
export interface OpenStoreOptions {
  /** How long rows are kept, in milliseconds. */
  retentionMs: number;
  /** Whether what is stored is on the disk itself, so that it outlasts a loss of power. */
  fsync: boolean;
  logger: Logger;
}

/**
 * Brings the tables up to date and opens a store in the thread that calls: for a program that keeps its own
 * failures. Any number of them may start at once. `close` of the store closes its connections too.
 *
 * @throws MigrationError or SettingError; nothing is left open. {@link isPassing} says whether to try again
 */
export async function openStore(
  clickhouse: ClickHouseAddress,
  { retentionMs, fsync, logger }: OpenStoreOptions,
): Promise<Store> {
  const slots = await makeTablesReady(clickhouse, fsync, logger);
  const client = createStoreClient(clickhouse);
  const tableRemaker = createTableRemaker(clickhouse, fsync);
  const store = createStore({ client, slots, retentionMs, tableRemaker });
  return {
    ...store,
    async close() {
      await store.close();
      await client.close();
    },
  };
}
