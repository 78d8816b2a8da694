import { attributeNames } from './decode/attribute-names.ts';
import { listen, type Listening } from './receive/listen.ts';
import { createReceiver, type ReceiverOptions } from './receive/receiver.ts';
import type { ClickHouseAddress, ReceiverSettings } from './settings.ts';
import { createStoreClient } from './store/client.ts';
import { migrate } from './store/migrate.ts';
import { createStore } from './store/store.ts';

/**
 * Starts all of this package: brings the tables up to date, and listens for OTLP/HTTP. `close` ends
 * it in the reverse order, so that what was acknowledged, or is about to be, is stored.
 *
 * @throws MigrationError or ListenError, each with one line for a person; nothing is left running.
 */
export async function startReceiver(
  settings: ReceiverSettings,
  address: ClickHouseAddress,
  onError: NonNullable<ReceiverOptions['onError']>,
): Promise<Listening> {
  await bringTablesUpToDate(address);
  const client = createStoreClient(address);
  const store = createStore({ client, retentionMs: settings.retentionMs });
  const closeStore = async () => {
    await store.close();
    await client.close();
  };
  const server = createReceiver({
    store,
    runIdNames: attributeNames(settings.runIdAttributes),
    maxBodyBytes: settings.maxBodyBytes,
    onError,
  });
  try {
    const listening = await listen(server, settings.host, settings.otlpPort);
    return {
      ...listening,
      async close() {
        await listening.close();
        await closeStore();
      },
    };
  } catch (error) {
    await closeStore();
    throw error;
  }
}

async function bringTablesUpToDate({ url, database }: ClickHouseAddress): Promise<void> {
  // Without a database of its own: it may have to be made first.
  const client = createStoreClient({ url });
  try {
    await migrate({ client, database });
  } finally {
    await client.close();
  }
}
