import { startBodyWorker, type BodyWorker, type BodyWorkerOptions } from './body-worker.ts';
import type { ProcessBody } from './packed-body.ts';

/** Several worker threads, as one. */
export interface BodyWorkers {
  /** Hands a body to a worker; its bytes are moved, and no longer there for the caller. */
  process: ProcessBody;
  /** Waits until everything that was handed over is stored or has failed, and ends all threads; see {@link BodyWorker}. */
  close(withinMs?: number): Promise<void>;
}

/**
 * Starts one worker thread, and up to `data.workers` as soon as all that there are have something to do: each
 * takes 25 MB, which a machine of many cores need not spend before.
 *
 * @throws what kept the first one from starting
 */
export async function startBodyWorkers(
  options: Omit<BodyWorkerOptions, 'worker'>,
): Promise<BodyWorkers> {
  const workers = [await startBodyWorker({ ...options, worker: 0 })];
  let most = options.data.workers;
  let starting: Promise<void> | undefined;

  async function startAnother(): Promise<void> {
    try {
      workers.push(await startBodyWorker({ ...options, worker: workers.length }));
    } catch (err) {
      most = workers.length;
      options.logger.error({ err, workers: most }, 'No more worker threads can be started.');
    }
    starting = undefined;
  }

  return {
    process(body) {
      const worker = leastBusy(workers);
      if (worker.backlogBytes() > 0 && workers.length < most) starting ??= startAnother();
      return worker.process(body);
    },
    async close(withinMs) {
      most = 0;
      await starting;
      await Promise.all(workers.map((worker) => worker.close(withinMs)));
    },
  };
}

/**
 * The first worker that has nothing to decode, else the one that has least. Not each in its turn: with little to
 * do all goes to one worker, which makes one batch of it, and ClickHouse does not get as many small ones as there
 * are workers.
 */
function leastBusy(workers: readonly BodyWorker[]): BodyWorker {
  let [chosen] = workers;
  let least = Infinity;
  for (const worker of workers) {
    const backlog = worker.backlogBytes();
    if (backlog < least) [chosen, least] = [worker, backlog];
    if (least === 0) break;
  }
  if (!chosen) throw new RangeError('There is no worker.');
  return chosen;
}
