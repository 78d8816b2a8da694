#!/usr/bin/env node
import { createRequire } from 'node:module';
import { parseArgs } from 'node:util';
import { createCollectDead } from '@failtrace/api';
import { MigrationError } from '@failtrace/collector-plugin';
import { createLogger, runMain, stopOnSignals, type Fail } from '@failtrace/contract/server';
import { StartError } from './errors.ts';
import { readStandaloneSettings, type StandaloneSettings } from './settings.ts';
import { startStandalone, type Standalone } from './standalone.ts';

const { version } = createRequire(import.meta.url)('../package.json') as { version: string };

const help = `failtrace ${version}: from a failed run to its complete failure trace, in one click.

Usage: failtrace [--help] [--version]

Starts ClickHouse, the OTLP receiver, the API and a dashboard. Settings are environment variables:

  CLICKHOUSE_URL               use this server instead of the embedded one
  FAILTRACE_CLICKHOUSE_CLUSTER a cluster of that server to spread the tables over
  FAILTRACE_CLICKHOUSE_QUORUM  replicas that must have a batch    (auto: the majority)
  FAILTRACE_FSYNC              safe from power cuts, or faster    (true)
  FAILTRACE_DATA_DIR           data of the embedded server        (./.failtrace)
  FAILTRACE_HOST               address to listen on               (127.0.0.1)
  FAILTRACE_OTLP_PORT          OTLP/HTTP receiver                 (4318)
  FAILTRACE_OTLP_GRPC_PORT     OTLP/gRPC receiver, or off         (4317: one below the former)
  FAILTRACE_API_PORT           API and dashboard                  (8080)
  FAILTRACE_RETENTION          how long failures are kept         (30d)
  FAILTRACE_RUN_ID_ATTRIBUTES  attributes that carry a run id     (run.id, workflow.run.id, …)
  FAILTRACE_MAX_BODY_BYTES     longest OTLP body                  (20971520)
  FAILTRACE_MAX_BUFFERED_BYTES memory for OTLP bodies under way   (268435456)
  FAILTRACE_START_TIMEOUT      how long a start waits             (60s)
  FAILTRACE_RECEIVER_WORKERS   threads for OTLP bodies, 1 to 64   (one a core but the first)
  FAILTRACE_OTLP_AUTH          who may send: none (on loopback only), api-key
                               or network (whoever reaches the port)
  FAILTRACE_OTLP_KEYS_FILE     the keys of senders, for api-key
  FAILTRACE_AUTH               who may read: none (on loopback only) or api-key
  FAILTRACE_API_KEYS_FILE      the keys, for api-key
  FAILTRACE_CORS_ORIGINS       origins whose pages may call the API
`;

async function main(fail: Fail): Promise<void> {
  const values = readArguments();
  if (values.help) return console.log(help);
  if (values.version) return console.log(version);

  const settings = readStandaloneSettings(process.env);
  const standalone = await startStandalone(settings, {
    createLogger,
    collectDead: createCollectDead(),
  });
  const isStopping = stopOnSignals({
    stop: () => standalone.stop(),
    logger: createLogger('failtrace'),
    fail,
    isUnderNpm: process.env['npm_lifecycle_event'] !== undefined,
  });
  try {
    console.log(banner(settings, standalone, await standalone.ready));
  } catch (error) {
    if (isStopping()) return;
    throw error;
  }
  const reason = await standalone.broken;
  await standalone.stop().catch(() => undefined);
  // So that whoever watches over this process starts it again.
  fail(reason);
}

function readArguments() {
  try {
    return parseArgs({
      options: { help: { type: 'boolean', short: 'h' }, version: { type: 'boolean', short: 'v' } },
    }).values;
  } catch (cause) {
    throw new StartError('invalid_arguments', (cause as Error).message, { cause });
  }
}

function banner(
  { clickhouse, dataDirectory, api: { auth } }: StandaloneSettings,
  started: Standalone,
  clickhouseUrl: string,
) {
  const where = clickhouse
    ? `database ${clickhouse.database}`
    : `embedded, data in ${dataDirectory}`;
  return `failtrace ${version} is ready after ${process.uptime().toFixed(1)} s.

  Dashboard   ${started.url}/
  API         ${started.url}/api/runs   (authentication: ${auth.mode})
  OTLP/HTTP   ${started.otlpUrl}   (traces and logs)
  OTLP/gRPC   ${started.otlpGrpcUrl ?? 'off'}
  ClickHouse  ${clickhouseUrl}   (${where})

Next: run "npm run demo" in a second terminal for a few failing runs, or send your own with
OTEL_EXPORTER_OTLP_ENDPOINT=${started.otlpUrl}. Ctrl-C stops everything.`;
}

await runMain('failtrace', main, [StartError, MigrationError]);
