// @ts-check

/** @typedef {import('./run-client.js').Run} Run */

/**
 * @typedef {object} Filters
 * @property {string} q
 * @property {string} service '' for all
 * @property {string | null} namespace null for all; '' for runs that have none
 * @property {'all' | 'failed' | 'ok'} status
 * @property {keyof typeof ranges} range
 */

const minute = 60_000;

/** Time ranges in milliseconds; 0 is no limit. */
export const ranges = {
  '15m': 15 * minute,
  '1h': 60 * minute,
  '24h': 24 * 60 * minute,
  '7d': 7 * 24 * 60 * minute,
  all: 0,
};

/** @type {Filters} */
const defaults = { q: '', service: '', namespace: null, status: 'all', range: 'all' };

/** Those whose value in the form is the same as in the URL. */
const names = /** @type {const} */ (['q', 'service', 'status', 'range']);

const statuses = /** @type {const} */ (['all', 'failed', 'ok']);

/**
 * @param {string | null} name
 * @returns {name is keyof typeof ranges}
 */
const isRange = (name) => name !== null && Object.hasOwn(ranges, name);

/**
 * Reads filters from a page's query; what is not understood counts as not set.
 * @param {string} search
 * @returns {Filters}
 */
export function readFilters(search) {
  const query = new URLSearchParams(search);
  const range = query.get('range');
  return {
    q: query.get('q') ?? '',
    service: query.get('service') ?? '',
    namespace: query.get('namespace'),
    status: statuses.find((status) => status === query.get('status')) ?? defaults.status,
    range: isRange(range) ? range : defaults.range,
  };
}

/**
 * The page's query for these filters, without what is as it is by default: '' or `?q=…`.
 * @param {Filters} filters
 */
export function filtersToSearch(filters) {
  const query = new URLSearchParams();
  for (const name of names) {
    if (filters[name] !== defaults[name]) query.set(name, filters[name]);
  }
  if (filters.namespace !== null) query.set('namespace', filters.namespace);
  return query.size === 0 ? '' : `?${query}`;
}

/**
 * The API's query for these filters.
 * @param {Filters} filters
 * @param {number} now milliseconds since the epoch
 */
export function filtersToQuery({ q, service, namespace, status, range }, now) {
  const query = new URLSearchParams({ status });
  if (q !== '') query.set('q', q);
  if (service !== '') query.set('service', service);
  if (namespace !== null) query.set('namespace', namespace);
  if (ranges[range] > 0) query.set('since', new Date(now - ranges[range]).toISOString());
  return query;
}

/**
 * What stands for a namespace in the form: '' is all of them there, so each has a mark in front.
 * @param {string | null} namespace
 */
const valueOf = (namespace) => (namespace === null ? '' : `=${namespace}`);

/**
 * @param {HTMLFormElement} form
 * @param {string} name
 */
function selectOf(form, name) {
  const field = form.elements.namedItem(name);
  if (!(field instanceof HTMLSelectElement)) throw new TypeError(`the form has no ${name}`);
  return field;
}

/**
 * Adds an option where it belongs by its value, unless there is one already.
 * @param {HTMLSelectElement} select
 * @param {string} value
 * @param {string} text
 */
function addOption(select, value, text) {
  const options = Array.from(select.options);
  if (options.some((option) => option.value === value)) return;
  const after = options.find((option) => option.value > value);
  select.add(new Option(text, value), after ?? null);
}

/**
 * Keeps form, URL and page in step. Typing waits for a pause; going back restores the filters.
 * @param {HTMLFormElement} form
 * @param {(filters: Filters) => void} onChange called at once with what the URL says
 * @returns {{ offer(runs: readonly Run[]): void, clear(): void }} `offer` adds the services and
 *   namespaces of these runs to what can be chosen
 */
export function bindFilters(form, onChange) {
  const services = selectOf(form, 'service');
  const namespaces = selectOf(form, 'namespace');
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let typing;

  /** @param {string} service */
  const offerService = (service) => {
    if (service !== '') addOption(services, service, service);
  };

  /** @param {string} namespace */
  const offerNamespace = (namespace) => {
    addOption(namespaces, valueOf(namespace), namespace || 'No namespace');
  };

  const showNamespaces = () => {
    const label = namespaces.closest('label');
    // One is no choice, unless the URL has chosen it. Once there it stays: it may have the focus.
    const isChoice = namespaces.options.length > 2 || namespaces.value !== '';
    if (label !== null && isChoice) label.hidden = false;
  };

  /** @param {readonly Run[]} runs */
  const offer = (runs) => {
    new Set(runs.map((run) => run.service)).forEach(offerService);
    new Set(runs.map((run) => run.namespace)).forEach(offerNamespace);
    showNamespaces();
  };

  /** @param {Filters} filters */
  const show = (filters) => {
    offerService(filters.service);
    if (filters.namespace !== null) offerNamespace(filters.namespace);
    for (const name of names) {
      const field = form.elements.namedItem(name);
      if (field !== null && 'value' in field) field.value = filters[name];
    }
    namespaces.value = valueOf(filters.namespace);
    showNamespaces();
  };

  const apply = () => {
    clearTimeout(typing);
    const query = new URLSearchParams();
    for (const [name, value] of new FormData(form)) {
      if (typeof value === 'string') query.set(name, value);
    }
    if (namespaces.value === '') query.delete('namespace');
    else query.set('namespace', namespaces.value.slice(1));
    const filters = readFilters(query.toString());
    const search = filtersToSearch(filters);
    if (search === location.search) return;
    history.pushState(null, '', `${location.pathname}${search}`);
    onChange(filters);
  };

  form.addEventListener('submit', (event) => {
    event.preventDefault();
    apply();
  });
  form.addEventListener('change', apply);
  form.addEventListener('input', (event) => {
    if (!(event.target instanceof HTMLInputElement) || event.target.type !== 'search') return;
    clearTimeout(typing);
    typing = setTimeout(apply, 250);
  });
  addEventListener('popstate', () => {
    const filters = readFilters(location.search);
    show(filters);
    onChange(filters);
  });

  const start = readFilters(location.search);
  show(start);
  onChange(start);
  return {
    offer,
    clear: () => {
      show(defaults);
      apply();
    },
  };
}
