// @ts-check
import { runKey } from './run-list.js';
import { createRunRow } from './run-row.js';
import { createScrollAnchor } from './scroll-anchor.js';

/** @typedef {import('./run-client.js').Run} Run */

const skeletonRows = 8;
const clockMs = 1000;

/**
 * Keeps a table body in step with a list of runs. Rows are keyed: a row that stays is
 * never taken out of the document, not even for a moment.
 * @param {HTMLTableElement} table
 */
export function createRunTable(table) {
  const body = table.tBodies[0] ?? table.createTBody();
  /** @type {Map<string, ReturnType<typeof createRunRow>>} */
  const rows = new Map();
  const keepInView = createScrollAnchor(body);

  setInterval(() => {
    if (document.hidden) return;
    const now = Date.now();
    for (const { tick } of rows.values()) tick(now);
  }, clockMs);

  const showSkeleton = () => {
    rows.clear();
    table.setAttribute('aria-busy', 'true');
    body.replaceChildren(...Array.from({ length: skeletonRows }, skeletonRow));
  };

  /**
   * @param {readonly Run[]} runs
   * @param {{ highlight: boolean }} options whether rows that are new are shown as such
   * @returns {Run[]} the runs whose rows are new
   */
  const show = (runs, { highlight }) => {
    /** @type {Run[]} */
    let added = [];
    keepInView(() => {
      added = update(runs, highlight);
    });
    return added;
  };

  /**
   * @param {readonly Run[]} runs
   * @param {boolean} highlight
   */
  const update = (runs, highlight) => {
    if (table.getAttribute('aria-busy') === 'true') body.replaceChildren();
    table.setAttribute('aria-busy', 'false');
    removeOthers(new Set(runs.map(runKey)));
    const namesNamespace = new Set(runs.map((run) => run.namespace)).size > 1;
    table.classList.toggle('names-namespaces', namesNamespace);
    /** @type {Run[]} */
    const added = [];
    let place = body.firstElementChild;
    for (const run of runs) {
      const known = rows.get(runKey(run));
      if (known?.row === place) place = place?.nextElementSibling ?? null;
      if (known !== undefined) known.update(run, { namesNamespace });
      else added.push(run);
      const { row } = known ?? addRow(run, { highlight, namesNamespace });
      if (row.nextElementSibling !== place || !row.isConnected) placeBefore(body, row, place);
    }
    return added;
  };

  /** @param {ReadonlySet<string>} keys */
  const removeOthers = (keys) => {
    for (const [key, { row }] of rows) {
      if (keys.has(key)) continue;
      row.remove();
      rows.delete(key);
    }
  };

  /**
   * @param {Run} run
   * @param {import('./run-row.js').RowOptions & { highlight: boolean }} options
   */
  const addRow = (run, { highlight, namesNamespace }) => {
    const created = createRunRow(run, { namesNamespace });
    created.row.classList.toggle('is-new', highlight);
    rows.set(runKey(run), created);
    return created;
  };

  return { show, showSkeleton };
}

/**
 * Moves a row without disconnecting it where the browser can (`moveBefore`), so that even a run
 * that changes places keeps its focus and its open chip.
 * @param {HTMLTableSectionElement} body
 * @param {HTMLTableRowElement} row
 * @param {Element | null} place
 */
function placeBefore(body, row, place) {
  if (row.isConnected && 'moveBefore' in body) body.moveBefore(row, place);
  else body.insertBefore(row, place);
}

function skeletonRow() {
  const row = document.createElement('tr');
  row.className = 'skeleton';
  row.setAttribute('aria-hidden', 'true');
  for (const name of [
    'status',
    'run',
    'name',
    'service',
    'started',
    'duration',
    'attempts',
    'error',
  ]) {
    const cell = document.createElement('td');
    cell.className = `col-${name}`;
    cell.append(document.createElement('span'));
    row.append(cell);
  }
  return row;
}
