import { fileURLToPath } from 'node:url';
import {
  createApp,
  createGuard,
  createLateReader,
  startApi,
  type CollectDead,
  type LateReader,
  type Reader,
  type RunningApi,
} from '@failtrace/api';
import { openReceiver, type Receiver } from '@failtrace/collector-plugin';
import {
  requireClickHouseAddress,
  type ClickHouseAddress,
  type Logger,
} from '@failtrace/contract/server';
import { createDashboard } from './dashboard/dashboard.ts';
import type { StartError } from './errors.ts';
import type { StandaloneSettings } from './settings.ts';
import { createStops } from './stops.ts';

/** All of failtrace, listening, and running once it is `ready`. */
export interface Standalone {
  /** The dashboard and the API, such as `http://127.0.0.1:8080`. */
  url: string;
  /** Where OTLP/HTTP is taken, such as `http://127.0.0.1:4318`. */
  otlpUrl: string;
  /** Where OTLP/gRPC is taken, such as `http://127.0.0.1:4317`; undefined where that is switched off. */
  otlpGrpcUrl: string | undefined;
  /**
   * Resolves with the URL of the ClickHouse server, without credentials, when that is there and its tables are
   * up to date; until then `/readyz` says why not. Rejects with StartError, MigrationError or SettingError,
   * each with one line for a person, when all is stopped again; or when `stop` was called.
   */
  ready: Promise<string>;
  /** Resolves, with the reason, when the embedded ClickHouse ends again and again. */
  broken: Promise<StartError>;
  /**
   * Ends everything in the reverse order of its start; what was acknowledged is stored.
   *
   * @throws AggregateError with what failed; the rest is ended all the same
   */
  stop(): Promise<void>;
}

export interface StandaloneOptions {
  /** Makes the logs of the receiver, of the API, and of what starts them. */
  createLogger: (name: 'receiver' | 'api' | 'failtrace') => Logger;
  /** For the API's downloads; nothing by default. */
  collectDead?: CollectDead;
}

/** A ClickHouse that was started, or that is waited for. */
interface ClickHouse {
  /** Its URL, once it is in use. */
  ready: Promise<string>;
  broken: Promise<StartError>;
  stop(): Promise<void>;
}

/** Those that use ClickHouse, by the two logins that it may have. */
interface Users {
  connect(addresses: Record<'write' | 'read', ClickHouseAddress>): Promise<void>;
  disconnect(why: string): Promise<void>;
}

/**
 * Starts listening as the receiver, the API and the dashboard, and resolves then. Starts ClickHouse (unless
 * the settings name a server) and brings its tables up to date. What was started is ended again when a
 * later step fails.
 *
 * @throws ListenError with one line for a person
 */
export async function startStandalone(
  settings: StandaloneSettings,
  options: StandaloneOptions,
): Promise<Standalone> {
  const stops = createStops();
  const stopping = new AbortController();
  const stop = () => {
    stopping.abort(new Error('failtrace is stopping.'));
    return stops.stopAll();
  };
  try {
    const late = createLateReader('failtrace is starting, and waits for ClickHouse.');
    const receiver = await openReceiver(settings.receiver, options.createLogger('receiver'));
    const listening: Pick<Receiver, 'close'>[] = [receiver];
    let clickhouse: ClickHouse | undefined;
    stops.add(async () => clickhouse?.stop());
    stops.add(() => late.disconnect('failtrace is stopping.'));
    // Together: while one lets what is under way finish, the other must not take more.
    stops.add(() => Promise.all(listening.map((server) => server.close())));
    const otlpUrl = reachableUrl(receiver.host, receiver.port);
    const api = await startApiAndDashboard(settings, late.reader, otlpUrl, options);
    listening.push(api);
    const users = usersOf(receiver, late);
    clickhouse = settings.clickhouse
      ? useServer(settings.clickhouse, users)
      : await keepEmbedded(settings, users, options, stopping.signal);
    const ready = clickhouse.ready.catch(async (error: unknown) => {
      // Why it did not start is what a person can mend; what the stop may say besides follows from it.
      await stop().catch(() => undefined);
      throw error;
    });
    // Who stops it before does not wait for it.
    ready.catch(() => undefined);
    const url = reachableUrl(api.host, api.port);
    const otlpGrpcUrl = receiver.grpc && reachableUrl(receiver.host, receiver.grpc.port);
    return { url, otlpUrl, otlpGrpcUrl, ready, broken: clickhouse.broken, stop };
  } catch (error) {
    await stop().catch(() => undefined);
    throw error;
  }
}

function usersOf(receiver: Receiver, late: LateReader): Users {
  return {
    async connect({ write, read }) {
      await receiver.connect(write);
      late.connect(read);
    },
    async disconnect(why) {
      await Promise.all([receiver.disconnect(why), late.disconnect(why)]);
    },
  };
}

function useServer(address: ClickHouseAddress, users: Users): ClickHouse {
  const connected = users.connect({ write: address, read: address });
  return {
    ready: connected.then(() => address.url),
    // Their clients find it again by themselves.
    broken: new Promise(() => undefined),
    stop: () => Promise.resolve(),
  };
}

async function keepEmbedded(
  { dataDirectory, receiver: { startTimeoutMs } }: StandaloneSettings,
  users: Users,
  { createLogger }: StandaloneOptions,
  signal: AbortSignal,
): Promise<ClickHouse> {
  // Loaded on demand: with a server of one's own the native library is never touched.
  const { keepClickHouseRunning } = await import('./clickhouse/keep-running.ts');
  const kept = keepClickHouseRunning({
    dataDirectory,
    startTimeoutMs,
    logger: createLogger('failtrace'),
    use: ({ writeUrl, readUrl }) =>
      users.connect({ write: addressOf(writeUrl), read: addressOf(readUrl) }),
    leave: (why) => users.disconnect(why),
    signal,
  });
  return { ...kept, ready: kept.ready.then(({ url }) => url) };
}

function addressOf(serverUrl: string): ClickHouseAddress {
  return requireClickHouseAddress({ CLICKHOUSE_URL: new URL('failtrace', serverUrl).href });
}

function startApiAndDashboard(
  { api: { host, port, auth, corsOrigins } }: StandaloneSettings,
  reader: Reader,
  otlpUrl: string,
  { createLogger, collectDead }: StandaloneOptions,
): Promise<RunningApi> {
  const app = createApp({
    reader,
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
  return startApi({ app, host, port });
}

/** Where a person on this machine finds what listens there; a wildcard address is no destination. */
function reachableUrl(host: string, port: number): string {
  const name = { '0.0.0.0': '127.0.0.1', '::': '::1' }[host] ?? host;
  return `http://${name.includes(':') && !name.startsWith('[') ? `[${name}]` : name}:${port}`;
}
