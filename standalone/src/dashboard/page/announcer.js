// @ts-check

const pauseMs = 5000;

/**
 * Tells a screen reader how many failures are new, at most every few seconds, never one by one.
 * @param {HTMLElement} region an element with `aria-live="polite"`
 * @returns {(count: number) => void}
 */
export function createAnnouncer(region) {
  let waiting = 0;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;

  const speak = () => {
    timer = undefined;
    if (waiting === 0) return;
    region.textContent = waiting === 1 ? '1 new failed run' : `${waiting} new failed runs`;
    waiting = 0;
    timer = setTimeout(speak, pauseMs);
  };

  return (count) => {
    waiting += count;
    if (timer === undefined) speak();
  };
}
