import { fileURLToPath } from 'node:url';
import {
  createApp,
  createGuard,
  createReader,
  createReadClient,
  startApi,
  type CollectDead,
} from '@failtrace/api';
import { startReceiver } from '@failtrace/collector-plugin';
import {
  requireClickHouseAddress,
  type ClickHouseAddress,
  type Logger,
} from '@failtrace/contract/server';
import { createDashboard } from './dashboard/dashboard.ts';
import type { StandaloneSettings } from './settings.ts';
import { createStops, type Stops } from './stops.ts';

/** All of failtrace, running. */
export interface Standalone {
  /** The dashboard and the API, such as `http://127.0.0.1:8080`. */
  url: string;
  /** Where OTLP/HTTP is taken, such as `http://127.0.0.1:4318`. */
  otlpUrl: string;
  /** The ClickHouse server, without credentials. */
  clickhouseUrl: string;
  /** Resolves, with the reason, when the embedded ClickHouse ends without being asked to. */
  broken: Promise<Error>;
  /**
   * Ends everything in the reverse order of its start; what was acknowledged is stored.
   *
   * @throws AggregateError with what failed; the rest is ended all the same
   */
  stop(): Promise<void>;
}

export interface StandaloneOptions {
  /** Makes the logs of the receiver and of the API. */
  createLogger: (name: 'receiver' | 'api') => Logger;
  /** For the API's downloads; nothing by default. */
  collectDead?: CollectDead;
}

/**
 * Starts ClickHouse (unless the settings name a server), brings its tables up to date, and starts
 * the receiver, the API and the dashboard. What was started is ended again when a later step fails.
 *
 * @throws StartError, MigrationError, ListenError or SettingError, each with one line for a person.
 */
export async function startStandalone(
  settings: StandaloneSettings,
  options: StandaloneOptions,
): Promise<Standalone> {
  const stops = createStops();
  try {
    const broken = Promise.withResolvers<Error>();
    const addresses = settings.clickhouse
      ? { write: settings.clickhouse, read: settings.clickhouse }
      : await startEmbedded(settings, stops, broken.resolve);
    const receiver = await startReceiver(
      settings.receiver,
      addresses.write,
      options.createLogger('receiver'),
    );
    stops.add(() => receiver.close());
    const otlpUrl = reachableUrl(receiver.host, receiver.port);
    const url = await startApiAndDashboard(settings, addresses.read, otlpUrl, stops, options);
    return {
      url,
      otlpUrl,
      clickhouseUrl: addresses.read.url,
      broken: broken.promise,
      stop: () => stops.stopAll(),
    };
  } catch (error) {
    // Why it did not start is what a person can mend; what the stop may say besides follows from it.
    await stops.stopAll().catch(() => undefined);
    throw error;
  }
}

async function startEmbedded(
  { dataDirectory }: StandaloneSettings,
  stops: Stops,
  onBroken: (reason: Error) => void,
): Promise<Record<'write' | 'read', ClickHouseAddress>> {
  // Loaded on demand: with a server of one's own the native library is never touched.
  const { startEmbeddedClickHouse } = await import('./clickhouse/embedded.ts');
  const embedded = await startEmbeddedClickHouse(dataDirectory);
  let stopping = false;
  void embedded.ended.then(({ code, signal }) => {
    if (stopping) return;
    onBroken(new Error(`The embedded ClickHouse ended (${signal ?? `exit code ${code}`}).`));
  });
  stops.add(() => {
    stopping = true;
    return embedded.stop();
  });
  return { write: addressOf(embedded.writeUrl), read: addressOf(embedded.readUrl) };
}

function addressOf(serverUrl: string): ClickHouseAddress {
  return requireClickHouseAddress({ CLICKHOUSE_URL: new URL('failtrace', serverUrl).href });
}

async function startApiAndDashboard(
  { api: { host, port, auth, corsOrigins } }: StandaloneSettings,
  address: ClickHouseAddress,
  otlpUrl: string,
  stops: Stops,
  { createLogger, collectDead }: StandaloneOptions,
): Promise<string> {
  const client = createReadClient(address);
  stops.add(() => client.close());
  const app = createApp({
    reader: createReader(client),
    guard: createGuard(auth),
    corsOrigins,
    logger: createLogger('api'),
    ...(collectDead && { collectDead }),
  });
  app.route(
    '/',
    createDashboard({
      chipBundlePath: fileURLToPath(import.meta.resolve('@failtrace/web-components/bundle.js')),
      otlpEndpoint: otlpUrl,
    }),
  );
  const api = await startApi({ app, host, port });
  stops.add(() => api.close());
  return reachableUrl(host, Number(new URL(api.url).port));
}

/** Where a person on this machine finds what listens there; a wildcard address is no destination. */
function reachableUrl(host: string, port: number): string {
  const name = { '0.0.0.0': '127.0.0.1', '::': '::1' }[host] ?? host;
  return `http://${name.includes(':') && !name.startsWith('[') ? `[${name}]` : name}:${port}`;
}
