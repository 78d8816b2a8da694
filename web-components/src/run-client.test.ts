import { describe, expect, it } from 'vitest';
import { fetchRun, type Fetch, lookupRuns } from './run-client.ts';
import { ambiguousRun, failedRun } from './testing/runs.ts';

const forEver = new AbortController().signal;
const api = new URL('https://failtrace.example');

function ask(fetch: Fetch, init: RequestInit = {}, signal = forEver) {
  return fetchRun({ api, fetch, init }, { runId: 'run/1', namespace: null }, signal);
}

function answer(response: Response): Fetch {
  return () => Promise.resolve(response);
}

describe('fetchRun', () => {
  it('asks with what the page has set, and with its own method', async () => {
    const seen: [unknown, RequestInit | undefined][] = [];
    const fetch: Fetch = (input, init) => {
      seen.push([input, init]);
      return Promise.resolve(Response.json(failedRun('run/1')));
    };
    const init: RequestInit = {
      method: 'DELETE',
      credentials: 'include',
      headers: { Authorization: 'Bearer key', Accept: 'text/html' },
    };
    expect(await ask(fetch, init)).toEqual({ ok: true, run: failedRun('run/1') });
    const [url, sent] = seen[0] ?? [];
    expect(url).toBe('https://failtrace.example/api/runs/run%2F1');
    expect(sent).toMatchObject({ method: 'GET', credentials: 'include' });
    expect(Object.fromEntries(new Headers(sent?.headers))).toEqual({
      accept: 'application/json',
      authorization: 'Bearer key',
    });
  });

  it.each<[string, Fetch, string]>([
    ['a refused connection', () => Promise.reject(new TypeError('fetch failed')), 'network'],
    ['401', answer(new Response('', { status: 401 })), 'unauthenticated'],
    ['404', answer(new Response('', { status: 404 })), 'not_found'],
    ['503', answer(new Response('', { status: 503 })), 'service_unavailable'],
    ['HTML', answer(new Response('<!doctype html>')), 'unexpected'],
    ['JSON that is no run', answer(Response.json({ hello: 'world' })), 'unexpected'],
    [
      'a connection that breaks in the middle',
      answer(
        new Response(
          new ReadableStream({
            start(controller) {
              controller.enqueue(new TextEncoder().encode('{"run_id":'));
              controller.error(new TypeError('terminated'));
            },
          }),
        ),
      ),
      'network',
    ],
  ])('reads %s', async (_, fetch, problem) => {
    expect(await ask(fetch)).toEqual({ ok: false, problem });
  });

  const conflict = (body: unknown): Fetch =>
    answer(
      Response.json(body, { status: 409, headers: { 'Content-Type': 'application/problem+json' } }),
    );

  it('makes the record of a look-up of an id that several namespaces have', async () => {
    const namespaces = ['bank', ''];
    const detail = await ask(conflict({ status: 409, code: 'ambiguous_run', namespaces }));
    expect(detail).toMatchObject({
      ok: true,
      run: { run_id: 'run/1', status: 'unknown', namespaces, trace: { reason: 'ambiguous_run' } },
    });
    const fetch = answer(Response.json({ runs: [ambiguousRun('run/1', namespaces)] }));
    const found = await lookupRuns({ api, fetch, init: {} }, ['run/1'], null, forEver);
    expect(found).toMatchObject([detail]);
  });

  it.each([{ code: 'another' }, null, 'words'])(
    'is not misled by a conflict with %j',
    async (body) => {
      expect(await ask(conflict(body))).toEqual({ ok: false, problem: 'unexpected' });
    },
  );

  it.each([
    ['the run of another namespace', failedRun('run/1', { namespace: 'bank' })],
    ['another run', failedRun('run/2', { namespace: 'shop' })],
    ['several runs', ambiguousRun('run/1', ['bank', 'shop'])],
  ])('does not take %s for the one that it has asked for', async (_, run) => {
    const asked = { runId: 'run/1', namespace: 'shop' };
    const endpoint = (body: unknown) => ({ api, fetch: answer(Response.json(body)), init: {} });
    const refused = { ok: false, problem: 'unexpected' };
    expect(await fetchRun(endpoint(run), asked, forEver)).toEqual(refused);
    const found = await lookupRuns(endpoint({ runs: [run] }), ['run/1'], 'shop', forEver);
    expect(found).toEqual([refused]);
  });

  it('takes for unknown what is unknown, whatever namespace it was asked in', async () => {
    const run = failedRun('run/1', { status: 'unknown', namespace: '' });
    const endpoint = { api, fetch: answer(Response.json(run)), init: {} };
    const outcome = await fetchRun(endpoint, { runId: 'run/1', namespace: 'shop' }, forEver);
    expect(outcome).toEqual({ ok: true, run });
  });

  it('rejects when it is given up', async () => {
    const controller = new AbortController();
    const fetch: Fetch = (_, init) =>
      new Promise((_resolve, reject) => {
        init?.signal?.addEventListener('abort', () => reject(new TypeError('aborted')));
      });
    const asked = ask(fetch, {}, controller.signal);
    controller.abort();
    await expect(asked).rejects.toMatchObject({ name: 'AbortError' });
  });
});
