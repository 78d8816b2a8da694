/**
 * The receiver as a process of its own: OTLP/HTTP in, a ClickHouse server out. See `settings.ts` for
 * its environment variables; `CLICKHOUSE_URL` is required here.
 */
import { ListenError } from './receive/listen.ts';
import { readClickHouseAddress, readReceiverSettings, SettingError } from './settings.ts';
import { startReceiver } from './start-receiver.ts';
import { MigrationError } from './store/migrate.ts';

async function main(): Promise<void> {
  const settings = readReceiverSettings(process.env);
  const address = readClickHouseAddress(process.env);
  if (!address) {
    throw new SettingError(
      'CLICKHOUSE_URL is not set. Allowed: http(s)://user:password@host:8123/database.',
    );
  }
  const receiver = await startReceiver(settings, address, (error) =>
    console.error('failtrace receiver:', error),
  );
  console.log(
    `failtrace receiver: OTLP/HTTP on http://${receiver.host}:${receiver.port}/v1/traces`,
  );

  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => void receiver.close().catch(fail));
  }
}

function fail(error: unknown): never {
  const expected = [SettingError, MigrationError, ListenError].some(
    (type) => error instanceof type,
  );
  console.error('failtrace receiver:', expected ? (error as Error).message : error);
  process.exit(1);
}

await main().catch(fail);
