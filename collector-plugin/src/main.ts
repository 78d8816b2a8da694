/**
 * The receiver as a process of its own: OTLP/HTTP in, a ClickHouse server out. See `settings.ts` for
 * its environment variables; `CLICKHOUSE_URL` is required here.
 */
import {
  createLogger,
  ListenError,
  requireClickHouseAddress,
  SettingError,
} from '@failtrace/contract/server';
import { readReceiverSettings } from './settings.ts';
import { startReceiver } from './start-receiver.ts';
import { MigrationError } from './store/migrate.ts';

const logger = createLogger('receiver');

async function main(): Promise<void> {
  const settings = readReceiverSettings(process.env);
  const address = requireClickHouseAddress(process.env);
  const receiver = await startReceiver(settings, address, logger);
  console.log(
    `failtrace receiver: OTLP/HTTP on ${receiver.url}/v1/traces (authentication: ${settings.auth.mode})`,
  );

  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => void receiver.close().catch(fail));
  }
}

function fail(error: unknown): never {
  const expected = [SettingError, MigrationError, ListenError].some(
    (type) => error instanceof type,
  );
  if (expected) console.error('failtrace receiver:', (error as Error).message);
  else logger.error({ err: error }, 'The receiver failed.');
  process.exit(1);
}

await main().catch(fail);
