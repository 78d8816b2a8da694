// @ts-check

/** @typedef {import('./run-client.js').Run} Run */
/** @typedef {import('./run-client.js').RunPage} RunPage */

/**
 * The runs on the page, newest first, and where the next older ones begin.
 * @typedef {object} RunList
 * @property {Run[]} runs
 * @property {string | null} cursor null: there are no older ones
 */

/** Above this the list starts again from its first page: a page left open for days stays small. */
const maxRuns = 2000;

/** @type {RunList} */
export const emptyList = { runs: [], cursor: null };

/**
 * What a run is told apart by: two namespaces may use the same id.
 * @param {Run} run
 */
export const runKey = ({ namespace, run_id: runId }) => JSON.stringify([namespace, runId]);

/**
 * Puts the newest page in place of what it covers. Runs that follow it stay; runs that stood among
 * those of the page and are no longer in it have left the filter. Where page and list no longer
 * meet, runs between them are unknown, and the list starts again.
 * @param {RunList} list
 * @param {RunPage} page
 * @returns {RunList}
 */
export function mergeNewest(list, page) {
  const fresh = { runs: page.runs, cursor: page.next_cursor };
  if (page.next_cursor === null) return fresh;
  const keys = new Set(page.runs.map(runKey));
  const lastShared = list.runs.findLastIndex((run) => keys.has(runKey(run)));
  if (lastShared === -1) return fresh;
  const runs = [...page.runs, ...list.runs.slice(lastShared + 1)];
  return runs.length > maxRuns ? fresh : { runs, cursor: list.cursor };
}

/**
 * Adds the page that follows the list.
 * @param {RunList} list
 * @param {RunPage} page
 * @returns {RunList}
 */
export function appendOlder(list, page) {
  const known = new Set(list.runs.map(runKey));
  const older = page.runs.filter((run) => !known.has(runKey(run)));
  return { runs: [...list.runs, ...older], cursor: page.next_cursor };
}
