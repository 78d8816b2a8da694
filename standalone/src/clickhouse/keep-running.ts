import { setTimeout as sleep } from 'node:timers/promises';
import { waitFor, type Logger } from '@failtrace/contract/server';
import { StartError } from '../errors.ts';
import { startEmbeddedClickHouse, type EmbeddedClickHouse } from './embedded.ts';

/** Who depends on the embedded server, and how it is kept running. */
export interface KeepRunningOptions {
  dataDirectory: string;
  logger: Logger;
  /**
   * How long, in milliseconds, the first start waits for a directory that another failtrace still uses:
   * one that was killed lets it go after some seconds. Never more than {@link LOCK_WAIT_MS}.
   */
  startTimeoutMs: number;
  /** Makes use of a server that has started, each time with another port and other passwords. */
  use: (server: EmbeddedClickHouse) => Promise<void>;
  /** Sends nothing there any more: somebody else could listen on its port. */
  leave: (why: string) => Promise<void>;
  /** Aborted, it is not started again: all of failtrace is ending. */
  signal: AbortSignal;
}

/** An embedded ClickHouse that is started again when it ends. */
export interface KeptRunning {
  /** The first server, once it is in use. Rejects with what kept it from starting. */
  ready: Promise<EmbeddedClickHouse>;
  /** Resolves with the reason when it is given up; never otherwise. */
  broken: Promise<StartError>;
  /** Ends the server cleanly, after `signal`. */
  stop(): Promise<void>;
}

const LOCK_WAIT_MS = 15_000;
/** It is started again so often without having run for {@link STABLE_MS} in between. */
const MOST_RESTARTS = 5;
const STABLE_MS = 60_000;
/** Before the first restart, in milliseconds; twice as long before each one after it. */
const FIRST_PAUSE_MS = 250;

/** Starts the embedded ClickHouse, and starts it again with the same data whenever it ends unasked. */
export function keepClickHouseRunning(options: KeepRunningOptions): KeptRunning {
  const { logger, use, leave, signal } = options;
  const first = Promise.withResolvers<EmbeddedClickHouse>();
  const broken = Promise.withResolvers<StartError>();
  let current: EmbeddedClickHouse | undefined;
  let restarts = 0;

  /** Starts it and hands it over; resolves with how it ended. */
  async function runOnce(): Promise<string> {
    const server = await startWaiting(options);
    current = server;
    if (signal.aborted) return 'asked to';
    const startedAt = performance.now();
    const ended = server.ended.then(({ code, signal: by }) => by ?? `exit code ${code}`);
    const used = use(server).then(() => 'used' as const);
    // Where it ends meanwhile, its use fails as well, for reasons that are none.
    used.catch(() => undefined);
    const outcome = await Promise.race([used, ended]);
    if (outcome !== 'used') return outcome;
    if (restarts > 0) logger.info({ restarts }, `ClickHouse is back, on ${server.url}.`);
    first.resolve(server);
    const how = await ended;
    if (performance.now() - startedAt >= STABLE_MS) restarts = 0;
    return how;
  }

  async function run(): Promise<void> {
    let isFirst = true;
    for (;;) {
      let why: string;
      try {
        why = `The embedded ClickHouse ended (${await runOnce()}).`;
      } catch (error) {
        await current?.stop();
        if (isFirst || signal.aborted) throw error;
        why = (error as Error).message;
      }
      if (signal.aborted) return;
      isFirst = false;
      await leave(`${why} It is started again.`);
      if (restarts === MOST_RESTARTS) throw givenUp(why);
      const pauseMs = FIRST_PAUSE_MS * 2 ** restarts;
      restarts += 1;
      logger.error(
        { restart: restarts, most: MOST_RESTARTS },
        `${why} Starting it again in ${pauseMs / 1_000} s; its data is kept.`,
      );
      await sleep(pauseMs, undefined, { signal }).catch(() => undefined);
      if (signal.aborted) return;
    }
  }

  const running = run().then(
    () => first.reject(signal.reason),
    (error: unknown) => {
      // Whichever is not settled yet: before the first server is in use it is the start that fails.
      first.reject(error);
      if (error instanceof StartError && !signal.aborted) broken.resolve(error);
    },
  );
  first.promise.catch(() => undefined);

  return {
    ready: first.promise,
    broken: broken.promise,
    async stop() {
      await current?.stop();
      await running;
      await current?.stop();
    },
  };
}

function startWaiting({
  dataDirectory,
  logger,
  startTimeoutMs,
  signal,
}: KeepRunningOptions): Promise<EmbeddedClickHouse> {
  return waitFor(() => startEmbeddedClickHouse(dataDirectory), {
    timeoutMs: Math.min(startTimeoutMs, LOCK_WAIT_MS),
    isPassing: (error) => error instanceof StartError && error.code === 'data_directory_in_use',
    onWait: (_, secondsLeft) =>
      logger.warn(
        {},
        `The data directory is in use by another failtrace. Waiting for it, ${secondsLeft} s more.`,
      ),
    signal,
  });
}

function givenUp(why: string): StartError {
  return new StartError(
    'embedded_clickhouse_failed',
    `${why} It was started again ${MOST_RESTARTS} times and does not stay. The data is kept.`,
  );
}
