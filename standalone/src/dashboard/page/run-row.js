// @ts-check
import { duration, exactTime, relativeTime } from './time.js';

/** @typedef {import('./run-client.js').Run} Run */

const statusWords = { failed: 'Failed', ok: 'Succeeded', unknown: 'Unknown' };

/**
 * @template {keyof HTMLElementTagNameMap} K
 * @param {K} tag
 * @param {string} className
 * @returns {HTMLElementTagNameMap[K]}
 */
function element(tag, className) {
  const node = document.createElement(tag);
  node.className = className;
  return node;
}

/**
 * Sets a cell's text, and the same as its tooltip where the cell may cut it off.
 * @param {HTMLElement} node
 * @param {string} text
 */
function setText(node, text) {
  node.textContent = text || '–';
  node.title = text;
}

/**
 * @typedef {object} RowOptions
 * @property {boolean} namesNamespace whether runs of several namespaces stand in the table, so that
 *   each must name its own
 */

/**
 * A table row for one run. The row and its chip live as long as the run is listed, so that focus,
 * selection and an open chip survive every update.
 * @param {Run} first
 * @param {RowOptions} options
 */
export function createRunRow(first, options) {
  const row = element('tr', 'run');
  const head = element('th', 'col-run');
  head.scope = 'row';
  const runId = head.appendChild(element('code', 'run-id'));
  // Where the screen is narrow, name and time stand under the run instead of in their own columns.
  const brief = head.appendChild(element('span', 'brief'));
  const briefName = brief.appendChild(element('span', 'brief-name'));
  const briefTime = brief.appendChild(element('time', 'brief-time'));
  const statusCell = element('td', 'col-status');
  const status = statusCell.appendChild(element('span', 'status'));
  const name = element('td', 'col-name');
  const serviceCell = element('td', 'col-service');
  const namespace = serviceCell.appendChild(element('span', 'namespace'));
  const service = serviceCell.appendChild(element('span', ''));
  const startedCell = element('td', 'col-started');
  const started = startedCell.appendChild(element('time', ''));
  const took = element('td', 'col-duration');
  const attempts = element('td', 'col-attempts');
  const error = element('td', 'col-error');
  row.append(statusCell, head, name, serviceCell, startedCell, took, attempts, error);

  let run = first;
  let shown = '';

  /** @param {number} now */
  const tick = (now) => {
    if (run.started_at === null) return;
    const text = relativeTime(Date.parse(run.started_at), now);
    for (const time of [started, briefTime]) if (time.textContent !== text) time.textContent = text;
  };

  const showTimes = () => {
    const { started_at: start, ended_at: end } = run;
    for (const time of [started, briefTime]) {
      time.dateTime = start ?? '';
      time.title = start === null ? '' : exactTime(Date.parse(start));
      if (start === null) time.textContent = '–';
    }
    const length = start === null || end === null ? null : Date.parse(end) - Date.parse(start);
    setText(took, length === null ? '' : duration(Math.max(0, length)));
  };

  /** @param {RowOptions} options */
  const showService = ({ namesNamespace }) => {
    const isNamed = namesNamespace && run.namespace !== '';
    namespace.textContent = isNamed ? run.namespace : '';
    service.textContent = (isNamed ? '/' : '') + (run.service || '–');
    serviceCell.title = run.namespace === '' ? run.service : `${run.service} in ${run.namespace}`;
    briefName.textContent = (isNamed ? `${run.namespace}/` : '') + (run.name || run.service);
  };

  /** @param {RowOptions} options */
  const showError = ({ namesNamespace }) => {
    const chip = error.querySelector('failure-chip');
    if (run.status !== 'failed') {
      chip?.remove();
      error.textContent = '';
      return;
    }
    const current = chip ?? error.appendChild(document.createElement('failure-chip'));
    current.setAttribute('run-id', run.run_id);
    // The record names it as well; the attribute puts it into the name of the file.
    if (namesNamespace) current.setAttribute('namespace', run.namespace);
    else current.removeAttribute('namespace');
    // The record is here already: with it the chip needs no request of its own.
    Object.assign(current, { run });
  };

  /**
   * @param {Run} latest
   * @param {RowOptions} how
   */
  const update = (latest, how) => {
    const text = JSON.stringify([latest, how]);
    if (text === shown) return;
    shown = text;
    run = latest;
    row.dataset['status'] = run.status;
    row.dataset['runId'] = run.run_id;
    status.textContent = statusWords[run.status] ?? run.status;
    runId.textContent = run.run_id;
    runId.title = run.run_id;
    setText(name, run.name);
    showService(how);
    attempts.textContent = String(run.attempts);
    attempts.classList.toggle('several', run.attempts > 1);
    showTimes();
    showError(how);
    tick(Date.now());
  };

  update(first, options);
  return { row, update, tick };
}
