import { lookupUrl, runUrl } from './api-url.ts';
import { type ProblemCode, problemOfStatus } from './problem.ts';
import { parseRun, record, type Run } from './run.ts';

export type Fetch = typeof globalThis.fetch;

/** Where the API is and how it is asked. */
export interface ApiEndpoint {
  readonly api: URL;
  readonly fetch: Fetch;
  /** Credentials, headers and mode of every request; method, body and signal are the client's. */
  readonly init: RequestInit;
}

export type RunOutcome =
  { readonly ok: true; readonly run: Run } | { readonly ok: false; readonly problem: ProblemCode };

/** An API that accepts a connection and never answers looks like one that is not there. */
const timeoutMs = 20_000;

/** Asks for one run. Rejects only when `signal` is aborted. */
export async function fetchRun(
  endpoint: ApiEndpoint,
  runId: string,
  signal: AbortSignal,
): Promise<RunOutcome> {
  const answer = await request(endpoint, runUrl(endpoint.api, runId), { method: 'GET' }, signal);
  return answer.ok ? outcomeOf(answer.body) : answer;
}

/**
 * Asks for many runs at once, at most 500. Rejects only when `signal` is aborted.
 *
 * @returns one outcome for each id, in the order of the ids.
 */
export async function lookupRuns(
  endpoint: ApiEndpoint,
  runIds: readonly string[],
  signal: AbortSignal,
): Promise<RunOutcome[]> {
  const answer = await request(
    endpoint,
    lookupUrl(endpoint.api),
    {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ run_ids: runIds }),
    },
    signal,
  );
  if (!answer.ok) return runIds.map(() => answer);
  const runs = record(answer.body)?.['runs'];
  const outcomes = Array.isArray(runs) ? runs.map(outcomeOf) : [];
  const byId = new Map(outcomes.flatMap((it) => (it.ok ? [[it.run.run_id, it] as const] : [])));
  return runIds.map((runId) => byId.get(runId) ?? { ok: false, problem: 'unexpected' });
}

type Answer = { ok: true; body: unknown } | { ok: false; problem: ProblemCode };

async function request(
  endpoint: ApiEndpoint,
  url: URL,
  own: RequestInit,
  signal: AbortSignal,
): Promise<Answer> {
  const headers = new Headers(endpoint.init.headers);
  headers.set('Accept', 'application/json');
  new Headers(own.headers).forEach((value, name) => headers.set(name, value));
  const init = {
    ...endpoint.init,
    ...own,
    headers,
    signal: AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]),
  };
  // Called without a receiver: the browser's own fetch accepts no other object as `this`.
  const { fetch } = endpoint;
  let response: Response;
  try {
    response = await fetch(url.href, init);
  } catch {
    // fetch rejects for whatever kept the answer away; the browser does not tell a page which.
    signal.throwIfAborted();
    return { ok: false, problem: 'network' };
  }
  if (!response.ok) {
    await response.body?.cancel();
    return { ok: false, problem: problemOfStatus(response.status) };
  }
  try {
    return { ok: true, body: await response.json() };
  } catch (error) {
    signal.throwIfAborted();
    return { ok: false, problem: error instanceof SyntaxError ? 'unexpected' : 'network' };
  }
}

function outcomeOf(value: unknown): RunOutcome {
  const run = parseRun(value);
  return run === null ? { ok: false, problem: 'unexpected' } : { ok: true, run };
}
