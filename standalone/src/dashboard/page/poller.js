// @ts-check

/**
 * When to try again after so many failures in a row: 2, 4, 8, 16, then every 30 seconds.
 * @param {number} failures
 * @param {number} intervalMs
 */
export function retryDelay(failures, intervalMs) {
  return Math.min(intervalMs * 2 ** Math.min(failures - 1, 10), 30_000);
}

/**
 * @typedef {object} PollerOptions
 * @property {number} intervalMs from the end of one round to the start of the next
 * @property {(signal: AbortSignal) => Promise<void>} poll
 * @property {(problem: unknown, retryInMs: number) => void} [onProblem]
 */

/**
 * Calls `poll` again and again: not while the page is hidden, at once when it is seen again, and
 * less and less often while it fails.
 * @param {PollerOptions} options
 * @returns {{ restart(): void }} `restart` gives up the round under way and polls at once
 */
export function startPolling({ intervalMs, poll, onProblem }) {
  let failures = 0;
  let round = new AbortController();
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;

  const next = async () => {
    clearTimeout(timer);
    if (document.hidden) return;
    round.abort();
    round = new AbortController();
    const { signal } = round;
    try {
      await poll(signal);
      if (signal.aborted) return;
      failures = 0;
    } catch (problem) {
      if (signal.aborted) return;
      failures += 1;
      onProblem?.(problem, retryDelay(failures, intervalMs));
    }
    timer = setTimeout(
      () => void next(),
      failures === 0 ? intervalMs : retryDelay(failures, intervalMs),
    );
  };

  document.addEventListener('visibilitychange', () => {
    if (document.hidden) {
      round.abort();
      clearTimeout(timer);
    } else void next();
  });
  void next();
  return { restart: () => void next() };
}
