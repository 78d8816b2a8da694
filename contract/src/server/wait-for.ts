import { setTimeout as sleep } from 'node:timers/promises';

/** How something is waited for that will be there in a moment. */
export interface WaitOptions {
  /** After so many milliseconds its error is the outcome. */
  timeoutMs: number;
  /** Whether an error may go away by itself. */
  isPassing: (error: unknown) => boolean;
  /** Told at the first such error and then every five seconds, with the whole seconds that are left. */
  onWait: (error: unknown, secondsLeft: number) => void;
  /** Ends the wait with its reason. */
  signal?: AbortSignal;
}

/** Between two attempts, in milliseconds. */
const PAUSE_MS = 250;
/** Between two words to whoever waits, in milliseconds. */
const SAY_EVERY_MS = 5_000;

/** Attempts something again and again until it succeeds. @throws its last error, or the signal's reason */
export async function waitFor<T>(
  attempt: () => Promise<T>,
  { timeoutMs, isPassing, onWait, signal }: WaitOptions,
): Promise<T> {
  const until = performance.now() + timeoutMs;
  let saidAt = -Infinity;
  for (;;) {
    signal?.throwIfAborted();
    try {
      return await attempt();
    } catch (error) {
      const now = performance.now();
      if (!isPassing(error) || now >= until) throw error;
      if (now - saidAt >= SAY_EVERY_MS) {
        saidAt = now;
        onWait(error, Math.ceil((until - now) / 1_000));
      }
    }
    await sleep(PAUSE_MS, undefined, { signal }).catch(() => undefined);
  }
}
