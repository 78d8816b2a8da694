import { isRunId } from '@failtrace/contract';

/** Which run is asked for. */
export interface RunRef {
  readonly runId: string;
  /** '' is one too: that of runs without one. Null where it is not known: the API picks, if it can. */
  readonly namespace: string | null;
}

/**
 * Reads the `api` attribute: where the failtrace API answers.
 *
 * An absolute http or https URL, a path on the page's own origin (`/failtrace`), or nothing at all
 * for the page's own origin. A path in it stands before every route, for an API behind a proxy.
 *
 * @returns null for everything else: other schemes, credentials in the URL, a query, a fragment.
 */
export function parseApi(api: string | null | undefined, pageUrl: string): URL | null {
  const value = api?.trim() ?? '';
  const isPath = value === '' || (value.startsWith('/') && !/^\/[/\\]/.test(value));
  if (!isPath && !/^https?:\/\//i.test(value)) return null;
  const url = isPath ? parse(value || '/', originOf(pageUrl)) : parse(value);
  if (url === null || !/^https?:$/.test(url.protocol)) return null;
  if (url.username || url.password || url.search || url.hash) return null;
  return url;
}

/**
 * Whether the API can be asked for this run: its id is one, and can stand in a URL.
 *
 * `.` and `..` cannot stand in a path, not even percent-encoded (WHATWG URL, path state).
 */
export function canBeAsked(runId: string): boolean {
  return runId !== '.' && runId !== '..' && isRunId(runId);
}

/** `GET` here answers one run. */
export function runUrl(api: URL, { runId, namespace }: RunRef): URL {
  const url = routeUrl(api, `/api/runs/${encodeURIComponent(runId)}`);
  if (namespace !== null) url.searchParams.set('namespace', namespace);
  return url;
}

/** `POST` here answers up to 500 runs. */
export function lookupUrl(api: URL): URL {
  return routeUrl(api, '/api/runs/lookup');
}

/**
 * Where the browser downloads a trace: the API's origin, the `trace.url` of the run, the filename.
 *
 * The API's answer cannot lead anywhere else: what is no path, and what ends on another origin, gives
 * null.
 */
export function traceHref(api: URL, traceUrl: string, filename: string): string | null {
  if (!/^\/(?![/\\])/.test(traceUrl)) return null;
  const url = parse(prefixOf(api) + traceUrl, api.origin);
  if (url === null || url.origin !== api.origin) return null;
  url.searchParams.set('filename', filename);
  return url.href;
}

function routeUrl(api: URL, route: string): URL {
  return new URL(prefixOf(api) + route, api.origin);
}

function prefixOf(api: URL): string {
  return api.pathname.replace(/\/+$/, '');
}

function originOf(pageUrl: string): string | undefined {
  const url = parse(pageUrl);
  return url === null || url.origin === 'null' ? undefined : url.origin;
}

/** `URL.parse` of browsers that have none yet. */
function parse(url: string, base?: string): URL | null {
  return URL.canParse(url, base) ? new URL(url, base) : null;
}
