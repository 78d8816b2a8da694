import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { setFlagsFromString } from 'node:v8';
import { Worker } from 'node:worker_threads';
import type { Logger } from '@failtrace/contract/server';
import { ReceiveError } from '../errors.ts';
import type { Ingested } from '../ingest/ingest.ts';
import { forgetWorker } from './buffer-budget.ts';
import type { PackedBody, ProcessBody } from './packed-body.ts';
import {
  fromErrorMessage,
  type FromThread,
  type ThreadData,
  type ToThread,
  type WorkerData,
} from './thread-messages.ts';

/** A thread that bodies are unpacked, decoded and stored in, and whoever starts it again. */
export interface BodyWorker {
  /** Hands a body over; its bytes are moved, and no longer there for the caller. */
  process: ProcessBody;
  /** How many bytes wait to be decoded, packed; infinite while there is no thread to do it. */
  backlogBytes(): number;
  /**
   * Waits until everything that was handed over is stored or has failed, and ends the thread. Who asks
   * again waits for the same.
   *
   * @param withinMs what takes longer, in milliseconds, fails with `worker_ended`; with 0 all of it
   */
  close(withinMs?: number): Promise<void>;
}

export interface BodyWorkerOptions {
  data: WorkerData;
  /** Which of the workers it is, from 0. */
  worker: number;
  logger: Logger;
  /** What the thread's objects may take, in MB, before it is ended; bodies and rows are no objects. */
  heapMb?: number;
  /** The file that the thread runs. */
  entry?: URL;
}

/** A thread that has not ended by then, in milliseconds, is ended: twice what an insert may take. */
const CLOSE_MS = 30_000;
/** A worker that dies at once is not started more often than this. */
const RESTART_MS = 1_000;

const HEAP_MB = 256;
/**
 * Below so many MB V8 does not mark what lives. By itself it begins at 20, and counts the bodies too, which lie
 * outside the heap and are given back by `free`: it marked all that lives again every 150 ms, for nothing, and
 * took 0.13 of the 1.1 CPU seconds that a million spans cost. For threads that are started later.
 */
const UNMARKED_HEAP_MB = 64;

const extension = path.extname(fileURLToPath(import.meta.url));
const ownEntry = new URL(`./thread${extension}`, import.meta.url);

interface Waiting {
  resolve: (ingested: Ingested) => void;
  reject: (error: Error) => void;
}

/**
 * Starts a worker thread, and starts another whenever it ends without being asked to: what it had
 * under way fails with `worker_ended`, and the process lives.
 *
 * @throws what kept the thread from starting the first time
 */
export async function startBodyWorker({
  data,
  worker: index,
  logger,
  heapMb = HEAP_MB,
  entry = ownEntry,
}: BodyWorkerOptions): Promise<BodyWorker> {
  const underWay = new Map<number, Waiting>();
  let nextId = 0;
  let thread: Worker | undefined;
  let closing: (() => void) | undefined;
  let closed: Promise<void> | undefined;
  let restart: NodeJS.Timeout | undefined;
  const backlog = new Uint32Array(new SharedArrayBuffer(4));
  const workerData: ThreadData = { ...data, worker: index, backlog };

  function start(): Promise<void> {
    const startedAt = performance.now();
    setFlagsFromString(`--initial-old-space-size=${UNMARKED_HEAP_MB}`);
    const started = Promise.withResolvers<void>();
    const worker = new Worker(entry, {
      workerData,
      resourceLimits: { maxOldGenerationSizeMb: heapMb },
      // From the sources the other packages have to be found as sources, whoever started us.
      ...(entry.pathname.endsWith('.ts') && { execArgv: ['--conditions=failtrace-source'] }),
    });
    thread = worker;
    let reason: unknown;
    worker.on('error', (error) => {
      reason = error;
      started.reject(error);
    });
    worker.on('message', (message: FromThread) => {
      if (message.type === 'ready') started.resolve();
      else settle(message);
    });
    worker.once('exit', (exitCode) => {
      thread = undefined;
      started.reject(new Error(`A worker thread ended with exit code ${exitCode}.`));
      forgetWorker(data.budget, index);
      Atomics.store(backlog, 0, 0);
      failAll();
      if (closing) return closing();
      logger.error(
        { err: reason, exitCode, worker: index },
        'A worker thread ended. What it had under way was answered with 503, and another is started.',
      );
      const waitMs = Math.max(0, RESTART_MS - (performance.now() - startedAt));
      restart = setTimeout(() => void start().catch(() => undefined), waitMs);
    });
    return started.promise;
  }

  function settle(message: Exclude<FromThread, { type: 'ready' }>): void {
    const request = underWay.get(message.id);
    underWay.delete(message.id);
    if (message.type === 'stored') request?.resolve(message.ingested);
    else request?.reject(fromErrorMessage(message.error));
  }

  function failAll(): void {
    for (const { reject } of underWay.values()) reject(workerEnded());
    underWay.clear();
  }

  async function close(withinMs: number): Promise<void> {
    clearTimeout(restart);
    const worker = thread;
    if (!worker) return;
    const ended = new Promise<void>((resolve) => {
      closing = resolve;
    });
    // It would write what waits in it.
    if (withinMs > 0) worker.postMessage({ type: 'close' } satisfies ToThread, []);
    const timer = setTimeout(() => void worker.terminate(), withinMs);
    await ended;
    clearTimeout(timer);
  }

  await start().catch((error: unknown) => {
    closing = () => undefined;
    clearTimeout(restart);
    throw error;
  });

  return {
    process(body) {
      if (!thread || closing) return Promise.reject(workerEnded());
      const id = nextId++;
      const { promise, resolve, reject } = Promise.withResolvers<Ingested>();
      underWay.set(id, { resolve, reject });
      const handedBytes = body.chunks.reduce((sum, chunk) => sum + chunk.byteLength, 1);
      Atomics.add(backlog, 0, handedBytes);
      try {
        const message: ToThread = { type: 'body', id, body, handedBytes };
        thread.postMessage(message, buffersOf(body));
      } catch (error) {
        // Such as for a buffer that was moved before; the thread never hears of it.
        underWay.delete(id);
        Atomics.sub(backlog, 0, handedBytes);
        reject(error);
      }
      return promise;
    },
    backlogBytes: () => (thread ? Atomics.load(backlog, 0) : Infinity),
    close: (withinMs = CLOSE_MS) => (closed ??= close(withinMs)),
  };
}

/** Moved and not copied, where a piece has a buffer of its own, as those of a socket do. */
function buffersOf({ chunks }: PackedBody): ArrayBuffer[] {
  return chunks
    .filter((chunk) => chunk.byteLength === chunk.buffer.byteLength)
    .map((chunk) => chunk.buffer);
}

function workerEnded(): ReceiveError {
  return new ReceiveError(
    'worker_ended',
    'failtrace is starting its worker again. Try again later.',
  );
}
