/** What has to be stopped again, in the order in which it was started. */
export interface Stops {
  /** Remembers how to stop what was just started. */
  add(stop: () => Promise<unknown>): void;
  /**
   * Stops everything, the last started first, and the rest too when one of them fails. Who asks again
   * waits for the same.
   *
   * @throws AggregateError with what failed
   */
  stopAll(): Promise<void>;
}

export function createStops(): Stops {
  const stops: (() => Promise<unknown>)[] = [];
  let stopping: Promise<void> | undefined;

  async function stopEach(): Promise<void> {
    const failures: unknown[] = [];
    for (const stop of stops.toReversed()) {
      try {
        await stop();
      } catch (error) {
        failures.push(error);
      }
    }
    if (failures.length > 0) throw new AggregateError(failures, 'Not everything stopped cleanly.');
  }

  return {
    add: (stop) => void stops.push(stop),
    stopAll: () => (stopping ??= stopEach()),
  };
}
