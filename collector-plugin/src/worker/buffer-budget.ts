/**
 * How many bytes all requests under way may hold, packed and unpacked, from their arrival until they
 * are answered.
 *
 * Two threads share it: one holds what arrives, the other what it unpacks. Each writes a count of its
 * own and reads both, so nothing is lost between them; when both take the last room at once, the sum
 * is over the limit by no more than one piece of a body, 64 KB.
 */
export interface BufferBudget {
  /** Takes so many bytes more; false, and nothing taken, when there is no room for them. */
  hold(bytes: number): boolean;
  /** Gives back what was held. */
  release(bytes: number): void;
  /** How many bytes there is room for. */
  freeBytes(): number;
}

/** The same budget for both threads; it can be sent from one to the other. */
export interface SharedBudget {
  readonly maxBytes: number;
  readonly counts: Uint32Array<SharedArrayBuffer>;
}

const counts = { transport: 0, worker: 1 } as const;

/** The most that a budget may be, in bytes: its counts have 32 bits. */
export const MAX_BUDGET_BYTES = 2 ** 31;

export function createSharedBudget(maxBytes: number): SharedBudget {
  return { maxBytes, counts: new Uint32Array(new SharedArrayBuffer(8)) };
}

/** One thread's side of a budget. */
export function budgetOf(budget: SharedBudget, thread: keyof typeof counts): BufferBudget {
  const own = counts[thread];
  const freeBytes = () =>
    budget.maxBytes - Atomics.load(budget.counts, 0) - Atomics.load(budget.counts, 1);
  return {
    freeBytes,
    hold(bytes) {
      if (bytes > freeBytes()) return false;
      Atomics.add(budget.counts, own, bytes);
      return true;
    },
    release(bytes) {
      Atomics.sub(budget.counts, own, bytes);
    },
  };
}

/** The worker has ended, and with it all that it held. */
export function forgetWorker(budget: SharedBudget): void {
  Atomics.store(budget.counts, counts.worker, 0);
}
