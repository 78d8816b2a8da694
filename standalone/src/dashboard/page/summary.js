// @ts-check

/** @typedef {import('./run-client.js').RunPage} RunPage */

/**
 * The figures above the table, from the newest runs that the API gives at once.
 * @param {RunPage} page
 */
export function summarise({ runs, next_cursor: more }) {
  const failed = runs.filter((run) => run.status === 'failed');
  const retried = runs.filter((run) => run.attempts > 1).length;
  const suffix = more === null ? '' : '+';
  const rate = runs.length === 0 ? '–' : `${percent(failed.length / runs.length)} %`;
  return {
    runs: `${runs.length}${suffix}`,
    failed: `${failed.length}${suffix}`,
    rate,
    errors: `${new Set(failed.map((run) => run.fingerprint)).size}${suffix}`,
    retried: `${retried}${suffix}`,
  };
}

/** @param {number} share */
function percent(share) {
  const value = share * 100;
  return value > 0 && value < 10 ? value.toFixed(1) : String(Math.round(value));
}

/**
 * @param {HTMLElement} list a `dl` whose values name their figure by `data-figure`
 * @param {RunPage} page
 */
export function showSummary(list, page) {
  for (const [name, value] of Object.entries(summarise(page))) {
    const place = list.querySelector(`[data-figure="${name}"]`);
    if (place === null || place.textContent === value) continue;
    place.textContent = value;
    place.classList.toggle('none', value === '0');
  }
}
