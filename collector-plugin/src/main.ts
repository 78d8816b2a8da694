/**
 * The receiver as a process of its own: OTLP in, a ClickHouse server out. See `settings.ts` for
 * its environment variables; `CLICKHOUSE_URL` is required here.
 */
import {
  createLogger,
  requireClickHouseAddress,
  runMain,
  stopOnSignals,
  type Fail,
} from '@failtrace/contract/server';
import { readReceiverSettings } from './settings.ts';
import { openReceiver } from './start-receiver.ts';
import { MigrationError } from './store/migration-error.ts';

async function main(fail: Fail): Promise<void> {
  const settings = readReceiverSettings(process.env);
  const address = requireClickHouseAddress(process.env);
  const logger = createLogger('receiver');
  const receiver = await openReceiver(settings, logger);
  const isStopping = stopOnSignals({
    stop: () => receiver.close(),
    logger,
    fail,
    isUnderNpm: process.env['npm_lifecycle_event'] !== undefined,
  });
  try {
    await receiver.connect(address);
  } catch (error) {
    if (isStopping()) return;
    throw error;
  }
  const grpc = receiver.grpc ? `, OTLP/gRPC on ${receiver.grpc.url}` : '';
  console.log(
    `failtrace receiver: OTLP/HTTP on ${receiver.url}/v1/traces${grpc} (authentication: ${settings.auth.mode})`,
  );
}

await runMain('failtrace receiver', main, [MigrationError]);
