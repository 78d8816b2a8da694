import { setTimeout as sleep } from 'node:timers/promises';
import type { Findings } from './comparison/findings.ts';
import type { Ledger } from './load/ledger.ts';
import type { House } from './parts/house.ts';
import type { Random } from './random.ts';

/** What a fault is given: the house under load, and what it may need besides. */
export interface Stage {
  house: House;
  ledger: Ledger;
  findings: Findings;
  random: Random;
  /** A number that a fault may be made longer by: 1 usually, more in a long run. */
  scale: number;
  /** Waits for some time, in milliseconds, while the load goes on. */
  pause: (ms: number) => Promise<void>;
  /**
   * The fault is over, or has struck where it strikes at once, since this moment of `performance.now()`: waits
   * until something is acknowledged that was sent after it, and keeps how long that took.
   *
   * @param url where it was sent; anywhere by default
   * @throws StuckError when nothing is, for a long time
   */
  recovered: (since: number, url?: string) => Promise<void>;
  /** Something that the report is to say besides. */
  note: (text: string) => void;
}

const STUCK_AFTER_MS = 60_000;
const LOOK_EVERY_MS = 10;

/** It does not go on, though the fault is over. */
export class StuckError extends Error {
  override readonly name = 'StuckError';
  readonly code = 'stuck';
}

/**
 * Waits for the first acknowledgement of what was sent after a moment.
 *
 * @returns after how many milliseconds
 * @throws StuckError when there is none for a long time
 */
export async function firstAcknowledgement(
  { acknowledged }: Ledger,
  since: number,
  url: string | undefined,
): Promise<number> {
  let seen = 0;
  for (;;) {
    for (; seen < acknowledged.length; seen += 1) {
      const batch = acknowledged[seen];
      if (batch && batch.attemptedAt >= since && batch.url === (url ?? batch.url)) {
        return batch.acknowledgedAt - since;
      }
    }
    if (performance.now() - since > STUCK_AFTER_MS) {
      throw new StuckError(`nothing acknowledged in ${STUCK_AFTER_MS / 1_000} s`);
    }
    await sleep(LOOK_EVERY_MS);
  }
}
