// @ts-check

/**
 * @typedef {object} Filters
 * @property {string} q
 * @property {string} service '' for all
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
const defaults = { q: '', service: '', status: 'all', range: 'all' };

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
  return query.size === 0 ? '' : `?${query}`;
}

/**
 * The API's query for these filters.
 * @param {Filters} filters
 * @param {number} now milliseconds since the epoch
 */
export function filtersToQuery({ q, service, status, range }, now) {
  const query = new URLSearchParams({ status });
  if (q !== '') query.set('q', q);
  if (service !== '') query.set('service', service);
  if (ranges[range] > 0) query.set('since', new Date(now - ranges[range]).toISOString());
  return query;
}

/**
 * Keeps form, URL and page in step. Typing waits for a pause; going back restores the filters.
 * @param {HTMLFormElement} form
 * @param {(filters: Filters) => void} onChange called at once with what the URL says
 * @returns {{ addServices(seen: Iterable<string>): void, clear(): void }}
 */
export function bindFilters(form, onChange) {
  const service = form.elements.namedItem('service');
  if (!(service instanceof HTMLSelectElement)) throw new TypeError('the form has no service');
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let typing;

  /** @param {Iterable<string>} seen */
  const addServices = (seen) => {
    const known = new Set(Array.from(service.options, (option) => option.value));
    for (const name of seen) {
      if (known.has(name) || name === '') continue;
      known.add(name);
      const after = Array.from(service.options).find((it) => it.value !== '' && it.value > name);
      service.add(new Option(name), after ?? null);
    }
  };

  /** @param {Filters} filters */
  const show = (filters) => {
    addServices([filters.service]);
    for (const name of names) {
      const field = form.elements.namedItem(name);
      if (field !== null && 'value' in field) field.value = filters[name];
    }
  };

  const apply = () => {
    clearTimeout(typing);
    const query = new URLSearchParams();
    for (const [name, value] of new FormData(form)) {
      if (typeof value === 'string') query.set(name, value);
    }
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
    addServices,
    clear: () => {
      show(defaults);
      apply();
    },
  };
}
