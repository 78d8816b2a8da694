// @ts-check
import { createAnnouncer } from './announcer.js';
import { bindFilters, filtersToQuery, filtersToSearch } from './filters.js';
import { startPolling } from './poller.js';
import { ApiError, fetchRuns } from './run-client.js';
import { appendOlder, emptyList, mergeNewest } from './run-list.js';
import { createRunTable } from './run-table.js';
import { showSummary } from './summary.js';

/** @typedef {import('./filters.js').Filters} Filters */

const pageSize = '50';
const tableIntervalMs = 2000;
const summaryIntervalMs = 10_000;

/**
 * @template {HTMLElement} T
 * @param {string} id
 * @param {new () => T} type
 * @returns {T}
 */
function byId(id, type) {
  const found = document.getElementById(id);
  if (!(found instanceof type)) throw new TypeError(`the page has no ${type.name} #${id}`);
  return found;
}

const form = byId('filters', HTMLFormElement);
const banner = byId('banner', HTMLElement);
const bannerText = byId('banner-text', HTMLElement);
const live = byId('live', HTMLElement);
const liveText = byId('live-text', HTMLElement);
const more = byId('more', HTMLButtonElement);
const copyDemo = byId('copy-demo', HTMLButtonElement);
const shownCount = byId('shown-count', HTMLElement);
const emptyAll = byId('empty', HTMLElement);
const emptyFiltered = byId('empty-filtered', HTMLElement);
const frame = byId('table-frame', HTMLElement);
const footer = byId('table-footer', HTMLElement);
const summary = byId('summary', HTMLElement);
const table = createRunTable(byId('runs', HTMLTableElement));
const announce = createAnnouncer(byId('announcer', HTMLElement));

let list = emptyList;
/** @type {Filters} */
let filters;
/** Filters whose runs the table shows; another object while their first answer is awaited. */
/** @type {Filters | null} */
let shownFilters = null;
/** The API's query that the cursor belongs to. */
let cursorQuery = new URLSearchParams();

/** @param {'live' | 'away' | 'waiting'} state */
function showState(state) {
  live.dataset['state'] = state;
  liveText.textContent = { live: 'Live', away: 'No connection', waiting: 'Connecting' }[state];
  banner.hidden = state !== 'away';
}

/** @param {{ highlight: boolean }} options */
function showList(options) {
  const added = table.show(list.runs, options);
  const isEmpty = list.runs.length === 0;
  frame.hidden = isEmpty;
  footer.hidden = isEmpty;
  emptyAll.hidden = !isEmpty || filtersToSearch(filters) !== '';
  emptyFiltered.hidden = !isEmpty || filtersToSearch(filters) === '';
  more.hidden = list.cursor === null;
  shownCount.textContent = list.runs.length === 1 ? '1 run' : `${list.runs.length} runs`;
  return added;
}

/** @param {AbortSignal} signal */
async function pollTable(signal) {
  const query = filtersToQuery(filters, Date.now());
  query.set('limit', pageSize);
  const page = await fetchRuns(query, signal);
  showState('live');
  const isFirst = shownFilters !== filters;
  shownFilters = filters;
  const before = list.cursor;
  list = mergeNewest(isFirst ? emptyList : list, page);
  if (isFirst || list.cursor !== before) cursorQuery = query;
  const added = showList({ highlight: !isFirst });
  choices.offer(page.runs);
  if (!isFirst) announce(added.filter((run) => run.status === 'failed').length);
}

/**
 * @param {unknown} problem
 * @param {number} retryInMs
 */
function showProblem(problem, retryInMs) {
  const sentence = problem instanceof ApiError ? problem.message : String(problem);
  bannerText.textContent = `${sentence} Trying again in ${Math.round(retryInMs / 1000)} s.`;
  showState('away');
}

/** @param {AbortSignal} signal */
async function pollSummary(signal) {
  const query = filtersToQuery({ ...filters, status: 'all', q: '' }, Date.now());
  query.set('limit', '500');
  const page = await fetchRuns(query, signal);
  showSummary(summary, page);
  choices.offer(page.runs);
}

async function loadOlder() {
  if (list.cursor === null) return;
  const asked = list;
  more.disabled = true;
  try {
    const query = new URLSearchParams(cursorQuery);
    query.set('cursor', list.cursor);
    const page = await fetchRuns(query, AbortSignal.timeout(10_000));
    // Another filter may have been chosen, or the list begun anew, while the answer was on its way.
    if (list.cursor !== asked.cursor) return;
    list = appendOlder(list, page);
    showList({ highlight: false });
  } catch (problem) {
    showProblem(problem, tableIntervalMs);
  } finally {
    more.disabled = false;
  }
}

/** @param {HTMLButtonElement} button */
async function copyCommand(button) {
  await navigator.clipboard.writeText(button.value);
  button.textContent = 'Copied';
  setTimeout(() => {
    button.textContent = 'Copy';
  }, 2000);
}

/** @type {ReturnType<typeof startPolling>[]} */
const pollers = [];

function pollNow() {
  for (const poller of pollers) poller.restart();
}

const choices = bindFilters(form, (chosen) => {
  filters = chosen;
  if (shownFilters === null) table.showSkeleton();
  pollNow();
});

more.addEventListener('click', () => void loadOlder());
byId('retry', HTMLButtonElement).addEventListener('click', pollNow);
byId('clear', HTMLButtonElement).addEventListener('click', () => choices.clear());
copyDemo.addEventListener('click', () => void copyCommand(copyDemo));

showState('waiting');
pollers.push(
  startPolling({ intervalMs: tableIntervalMs, poll: pollTable, onProblem: showProblem }),
  startPolling({ intervalMs: summaryIntervalMs, poll: pollSummary }),
);
