import { setTimeout as sleep } from 'node:timers/promises';
import { cpuSecondsOf } from '../cpu.ts';
import { sendAll, type Load } from '../load.ts';

/** What it took to receive so many spans and to store what is to be kept of them. */
export interface Cost {
  /** CPU seconds for a million spans, by process. */
  cpu: Record<string, number>;
  /** Spans a second, until the last request was acknowledged. */
  rate: number;
}

/** So long, in milliseconds, all must have been quiet for the work to count as done. */
const QUIET_MS = 1_500;
const MOST_QUIET_MS = 30_000;
/** Timers and health checks take less of a core; sending, inserting and merging take more. */
const QUIET_SHARE = 0.05;

/**
 * Sends all of a load and waits until the processes have nothing more to do, so that what was acknowledged
 * from memory is stored, and what ClickHouse merges for it is counted as well.
 *
 * @param pids of the processes that share the work, by name
 */
export async function costOf(
  url: string,
  load: Load,
  amount: { requests: number; senders: number },
  pids: Record<string, readonly number[]>,
): Promise<Cost> {
  const all = Object.values(pids).flat();
  await quiet(all);
  const before = Object.entries(pids).map(([name, ids]) => [name, cpuSecondsOf(ids)] as const);
  const seconds = await sendAll(url, load, amount);
  await quiet(all);
  const spans = amount.requests * load.spans;
  const cpu = before.map(([name, used]) => {
    const taken = cpuSecondsOf(pids[name] ?? []) - used;
    return [name, taken / (spans / 1_000_000)];
  });
  return { cpu: Object.fromEntries(cpu), rate: spans / seconds };
}

async function quiet(pids: readonly number[]): Promise<void> {
  const limit = performance.now() + MOST_QUIET_MS;
  while (performance.now() < limit) {
    const before = cpuSecondsOf(pids);
    await sleep(QUIET_MS);
    if (cpuSecondsOf(pids) - before < (QUIET_SHARE * QUIET_MS) / 1_000) return;
  }
}
