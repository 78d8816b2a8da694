/**
 * The receiver as a process of its own: OTLP/HTTP in, a ClickHouse server out. See `settings.ts` for
 * its environment variables; `CLICKHOUSE_URL` is required here.
 */
import {
  createLogger,
  requireClickHouseAddress,
  runMain,
  type Fail,
} from '@failtrace/contract/server';
import { readReceiverSettings } from './settings.ts';
import { startReceiver } from './start-receiver.ts';
import { MigrationError } from './store/migration-error.ts';

async function main(fail: Fail): Promise<void> {
  const settings = readReceiverSettings(process.env);
  const address = requireClickHouseAddress(process.env);
  const receiver = await startReceiver(settings, address, createLogger('receiver'));
  console.log(
    `failtrace receiver: OTLP/HTTP on ${receiver.url}/v1/traces (authentication: ${settings.auth.mode})`,
  );

  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => void receiver.close().catch(fail));
  }
}

await runMain('failtrace receiver', main, [MigrationError]);
