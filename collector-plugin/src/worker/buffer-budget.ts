/**
 * How many bytes all requests under way may hold, packed and unpacked, from their arrival until they
 * are answered.
 *
 * The transport holds what arrives, each worker thread what it unpacks. They share one count in memory that
 * all of them see, and it never goes over the limit.
 */
export interface BufferBudget {
  /** Takes so many bytes more; false, and nothing taken, when there is no room for them. */
  hold(bytes: number): boolean;
  /** Gives back what was held. */
  release(bytes: number): void;
  /** How many bytes there is room for. */
  freeBytes(): number;
}

/** The same budget for all threads; it can be sent from one to the other. */
export interface SharedBudget {
  readonly maxBytes: number;
  /** What all hold together, then what each one holds: the transport, and the workers by their index. */
  readonly counts: Uint32Array<SharedArrayBuffer>;
}

const ALL = 0;
const TRANSPORT = 1;
const FIRST_WORKER = 2;

/** The most that a budget may be, in bytes: its counts have 32 bits. */
export const MAX_BUDGET_BYTES = 2 ** 31;

export function createSharedBudget(maxBytes: number, workers = 1): SharedBudget {
  const counts = new Uint32Array(new SharedArrayBuffer(4 * (FIRST_WORKER + workers)));
  return { maxBytes, counts };
}

/** One holder's side of a budget: that of the transport, or of the worker with this index. */
export function budgetOf(
  { maxBytes, counts }: SharedBudget,
  holder: 'transport' | number,
): BufferBudget {
  const own = holder === 'transport' ? TRANSPORT : FIRST_WORKER + holder;
  const freeBytes = () => maxBytes - Atomics.load(counts, ALL);
  return {
    freeBytes,
    hold(bytes) {
      for (;;) {
        const held = Atomics.load(counts, ALL);
        if (bytes > maxBytes - held) return false;
        if (Atomics.compareExchange(counts, ALL, held, held + bytes) === held) break;
      }
      Atomics.add(counts, own, bytes);
      return true;
    },
    release(bytes) {
      Atomics.sub(counts, own, bytes);
      Atomics.sub(counts, ALL, bytes);
    },
  };
}

/** A worker has ended, and with it all that it held. */
export function forgetWorker({ counts }: SharedBudget, worker: number): void {
  Atomics.sub(counts, ALL, Atomics.exchange(counts, FIRST_WORKER + worker, 0));
}
