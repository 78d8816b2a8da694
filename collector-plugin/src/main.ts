/**
 * The receiver as a process of its own: OTLP/HTTP in, a ClickHouse server out. See `settings.ts` for
 * its environment variables; `CLICKHOUSE_URL` is required here.
 */
import { attributeNames } from './decode/attribute-names.ts';
import { createReceiver } from './receive/receiver.ts';
import { listen, ListenError } from './receive/listen.ts';
import { readClickHouseAddress, readReceiverSettings, SettingError } from './settings.ts';
import { createStoreClient } from './store/client.ts';
import { migrate, MigrationError } from './store/migrate.ts';
import { createStore } from './store/store.ts';

async function main(): Promise<void> {
  const settings = readReceiverSettings(process.env);
  const address = readClickHouseAddress(process.env);
  if (!address) {
    throw new SettingError(
      'CLICKHOUSE_URL is not set. Allowed: http(s)://user:password@host:8123/database.',
    );
  }
  const admin = createStoreClient({ url: address.url });
  await migrate({ client: admin, database: address.database });
  await admin.close();

  const client = createStoreClient(address);
  const store = createStore({ client, retentionMs: settings.retentionMs });
  const receiver = await listen(
    createReceiver({
      store,
      runIdNames: attributeNames(settings.runIdAttributes),
      maxBodyBytes: settings.maxBodyBytes,
      onError: (error) => console.error('failtrace receiver:', error),
    }),
    settings.host,
    settings.otlpPort,
  );
  console.log(
    `failtrace receiver: OTLP/HTTP on http://${receiver.host}:${receiver.port}/v1/traces`,
  );

  const stop = async () => {
    await receiver.close();
    await store.close();
    await client.close();
  };
  for (const signal of ['SIGINT', 'SIGTERM'] as const)
    process.once(signal, () => void stop().catch(fail));
}

function fail(error: unknown): never {
  const expected = [SettingError, MigrationError, ListenError].some(
    (type) => error instanceof type,
  );
  console.error('failtrace receiver:', expected ? (error as Error).message : error);
  process.exit(1);
}

await main().catch(fail);
