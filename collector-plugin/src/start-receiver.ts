import {
  listen,
  type ClickHouseAddress,
  type Listening,
  type Logger,
} from '@failtrace/contract/server';
import { ReceiveError } from './errors.ts';
import type { ReceiverSettings } from './settings.ts';
import { openStorage, type Storage } from './storage.ts';
import { createGrpcReceiver } from './transport/grpc/grpc-receiver.ts';
import { listenGrpc } from './transport/grpc/listen-grpc.ts';
import { createHttpReceiver } from './transport/http-receiver.ts';
import type { ReceiverOptions } from './transport/receiver-options.ts';
import { createBodyTaker } from './transport/take-body.ts';
import { budgetOf, createSharedBudget } from './worker/buffer-budget.ts';

/** So long may requests take that are under way when the receiver is told to end. */
const DRAIN_MS = 10_000;

/** A receiver that listens. While it has no ClickHouse it answers 503, and `/readyz` says why. */
export interface Receiver extends Listening {
  /** Where gRPC listens; undefined where that is switched off. */
  grpc: Pick<Listening, 'port' | 'url'> | undefined;
  /**
   * Waits for this server, for at most `startTimeoutMs`, brings its tables up to date, and stores there
   * from then on.
   *
   * @throws MigrationError or SettingError, each with one line for a person; or whatever {@link close} or
   *   {@link disconnect} ends it with
   */
  connect(clickhouse: ClickHouseAddress): Promise<void>;
  /**
   * The server is gone: nothing is sent there any more, and what is under way is answered with 503.
   *
   * @param why what `/readyz` and senders are told
   */
  disconnect(why: string): Promise<void>;
}

/**
 * Starts listening for OTLP over HTTP and gRPC, without a ClickHouse yet. `close` ends all of it in the reverse order, so
 * that what was acknowledged, or is about to be, is stored.
 *
 * @throws ListenError with one line for a person; nothing is left running
 */
export async function openReceiver(settings: ReceiverSettings, logger: Logger): Promise<Receiver> {
  const { host, otlpPort, otlpGrpcPort, auth, maxBodyBytes, maxBufferedBytes, workers } = settings;
  const budget = createSharedBudget(maxBufferedBytes, workers);
  let why = 'failtrace is starting, and waits for ClickHouse.';
  let storage: Storage | undefined;
  let connecting = new AbortController();

  const notReady = () => new ReceiveError('not_ready', `${why} Try again later.`);
  const taker = createBodyTaker(
    (body) => (storage ? storage.process(body) : Promise.reject(notReady())),
    logger,
  );
  const options: ReceiverOptions = {
    take: taker.take,
    refusal: () => (storage ? undefined : notReady()),
    whyNotReady: async () => (storage ? storage.whyNotReady() : why),
    auth,
    maxBodyBytes,
    budget: budgetOf(budget, 'transport'),
    logger,
  };
  const listening = await listen(createHttpReceiver(options), {
    host,
    port: otlpPort,
    portSetting: 'FAILTRACE_OTLP_PORT',
    drainMs: DRAIN_MS,
  });
  const grpc = await listenForGrpc(options, host, otlpGrpcPort).catch(async (error: unknown) => {
    await listening.close();
    throw error;
  });

  function leave(reason: string): Storage | undefined {
    why = reason;
    connecting.abort(new Error(reason));
    const left = storage;
    storage = undefined;
    return left;
  }

  return {
    ...listening,
    grpc,
    async connect(clickhouse) {
      connecting = new AbortController();
      const { signal } = connecting;
      const opened = await openStorage(settings, clickhouse, { budget, logger, signal });
      if (!signal.aborted) storage = opened;
      else await opened.close(0);
      signal.throwIfAborted();
    },
    async disconnect(reason) {
      await leave(reason)?.close(0);
    },
    async close() {
      connecting.abort(new Error('The receiver was closed.'));
      await Promise.all([listening.close(), grpc?.close()]);
      await leave('failtrace is stopping.')?.close();
      const requests = taker.droppedMetrics();
      if (requests > 0) logger.info({ requests }, 'Requests of metrics were dropped.');
    },
  };
}

async function listenForGrpc(
  options: ReceiverOptions,
  host: string,
  port: number | undefined,
): Promise<Listening | undefined> {
  if (port === undefined) return undefined;
  return listenGrpc(createGrpcReceiver(options), {
    host,
    port,
    portSetting: 'FAILTRACE_OTLP_GRPC_PORT',
    drainMs: DRAIN_MS,
  });
}

/**
 * Starts all of this package against a ClickHouse server: see {@link openReceiver} and its `connect`.
 *
 * @throws MigrationError, SettingError or ListenError, each with one line for a person; nothing is left running.
 */
export async function startReceiver(
  settings: ReceiverSettings,
  clickhouse: ClickHouseAddress,
  logger: Logger,
): Promise<Receiver> {
  const receiver = await openReceiver(settings, logger);
  try {
    await receiver.connect(clickhouse);
    return receiver;
  } catch (error) {
    await receiver.close();
    throw error;
  }
}
