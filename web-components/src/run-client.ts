import type { ProblemCode as ApiProblemCode, Run, TraceReason } from '@failtrace/contract';
import { lookupUrl, type RunRef, runUrl } from './api-url.ts';
import { parseRun, record } from './parse-run.ts';
import { type ProblemCode, problemOfStatus } from './problem.ts';
import { isRecordOf } from './record-of.ts';

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

/** The status of an id that several namespaces have, where none was picked. */
const ambiguousStatus = 409;
const ambiguousCode = 'ambiguous_run' satisfies ApiProblemCode & TraceReason;

/**
 * Asks for one run. Rejects only when `signal` is aborted. An id of several namespaces gives the same
 * record as a look-up: one with the reason `ambiguous_run`.
 */
export async function fetchRun(
  endpoint: ApiEndpoint,
  run: RunRef,
  signal: AbortSignal,
): Promise<RunOutcome> {
  const answer = await request(endpoint, runUrl(endpoint.api, run), { method: 'GET' }, signal);
  if (!answer.ok) return answer;
  const { status, body } = answer;
  return outcomeOf(run, status === ambiguousStatus ? ambiguousRun(run.runId, body) : body);
}

function ambiguousRun(runId: string, problem: unknown): unknown {
  const { code, namespaces } = record(problem) ?? {};
  if (code !== ambiguousCode) return null;
  return { run_id: runId, namespaces, failures_left_out: 0, trace: { reason: ambiguousCode } };
}

/**
 * Asks for many runs at once, at most 500. Rejects only when `signal` is aborted.
 *
 * @param namespace holds for all of them; null: the API picks, where it can
 * @returns one outcome for each id, in the order of the ids.
 */
export async function lookupRuns(
  endpoint: ApiEndpoint,
  runIds: readonly string[],
  namespace: string | null,
  signal: AbortSignal,
): Promise<RunOutcome[]> {
  const answer = await request(
    endpoint,
    lookupUrl(endpoint.api),
    {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ run_ids: runIds, namespace: namespace ?? undefined }),
    },
    signal,
  );
  if (!answer.ok) return runIds.map(() => answer);
  const runs: unknown = record(answer.body)?.['runs'];
  const records: unknown[] = Array.isArray(runs) ? runs : [];
  const byId = new Map(records.map((it) => [record(it)?.['run_id'], it]));
  return runIds.map((runId) => outcomeOf({ runId, namespace }, byId.get(runId)));
}

type Answer = { ok: true; status: number; body: unknown } | { ok: false; problem: ProblemCode };

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
  const { status } = response;
  if (!response.ok && status !== ambiguousStatus) {
    await response.body?.cancel();
    return { ok: false, problem: problemOfStatus(status) };
  }
  try {
    return { ok: true, status, body: await response.json() };
  } catch (error) {
    signal.throwIfAborted();
    return { ok: false, problem: error instanceof SyntaxError ? 'unexpected' : 'network' };
  }
}

function outcomeOf(asked: RunRef, value: unknown): RunOutcome {
  const run = parseRun(value);
  if (run === null || !isRecordOf(run, asked, value)) return { ok: false, problem: 'unexpected' };
  return { ok: true, run };
}
