#!/usr/bin/env node
import { readFileSync } from 'node:fs';
import { createApp } from './app.ts';
import { createGuard } from './authorise/guard.ts';
import { createReadClient } from './clickhouse-client.ts';
import { ListenError, SettingError } from './errors.ts';
import { createReader } from './read/reader.ts';
import { startApi } from './server.ts';
import { readApiSettings, readClickHouseUrl } from './settings.ts';

const logger = {
  error(message: string, cause: unknown): void {
    console.error(message, cause);
  },
};

async function main(): Promise<void> {
  const settings = readApiSettings(process.env);
  const client = createReadClient(readClickHouseUrl(process.env));
  const reader = createReader(client);
  const guard = createGuard(settings.auth, (path) => readFileSync(path, 'utf8'));
  const app = createApp({ reader, guard, logger, corsOrigins: settings.corsOrigins });
  const api = await startApi({ app, host: settings.host, port: settings.port });
  console.log(`failtrace API: ${api.url} (authentication: ${settings.auth.mode})`);

  async function stop(): Promise<void> {
    await api.close();
    await client.close();
  }
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.once(signal, () => {
      stop().catch((error: unknown) => {
        logger.error('The API did not close cleanly:', error);
        process.exitCode = 1;
      });
    });
  }

  await reader.ready().then(
    () => console.log('ClickHouse answers and has the tables.'),
    (error: Error) => console.error(`Not ready yet: ${error.message} /readyz tells when it is.`),
  );
}

try {
  await main();
} catch (error) {
  const expected = error instanceof SettingError || error instanceof ListenError;
  console.error(expected ? error.message : error);
  process.exit(1);
}
