import { describe, expect, it, vi } from 'vitest';
import { LookupQueue } from './lookup-queue.ts';
import type { ApiEndpoint, Fetch } from './run-client.ts';
import { failedRun } from './testing/runs.ts';

/** A run of which the page names no namespace. */
const bare = (runId: string) => ({ runId, namespace: null });
const forEver = new AbortController().signal;

/** A `fetch` that answers look-ups out of order, as no API should. */
function answering() {
  const bodies: unknown[] = [];
  const asked: string[][] = [];
  const fetch: Fetch = (_, init) => {
    const body = JSON.parse(init?.body as string) as { run_ids: string[] };
    const { run_ids: ids } = body;
    bodies.push(body);
    asked.push(ids);
    return Promise.resolve(Response.json({ runs: ids.map((id) => failedRun(id)).toReversed() }));
  };
  return { asked, bodies, fetch };
}

function endpoint(fetch: Fetch, init: RequestInit = {}, api = 'https://a.example'): ApiEndpoint {
  return { api: new URL(api), fetch, init };
}

describe('LookupQueue', () => {
  it('asks for 500 runs in one request and gives each chip its own', async () => {
    const { asked, fetch } = answering();
    const queue = new LookupQueue();
    const ids = Array.from({ length: 500 }, (_, index) => `run_${index}`);
    const outcomes = await Promise.all(
      ids.map((id) => queue.look(endpoint(fetch), bare(id), forEver)),
    );
    expect(outcomes.map((outcome) => outcome.ok && outcome.run.run_id)).toEqual(ids);
    expect(asked).toEqual([ids]);
  });

  it('splits more than 500 and asks once for what is there twice', async () => {
    const { asked, fetch } = answering();
    const queue = new LookupQueue();
    const ids = Array.from({ length: 1_200 }, (_, index) => `run_${index % 1_100}`);
    await Promise.all(ids.map((id) => queue.look(endpoint(fetch), bare(id), forEver)));
    expect(asked.map(({ length }) => length)).toEqual([500, 500, 100]);
  });

  it('keeps apart what is asked with other credentials, or elsewhere', async () => {
    const { asked, fetch } = answering();
    const queue = new LookupQueue();
    const bearer = (key: string) => ({ headers: { authorization: `Bearer ${key}` } });
    await Promise.all([
      queue.look(endpoint(fetch, bearer('a')), bare('1'), forEver),
      queue.look(endpoint(fetch, bearer('a')), bare('2'), forEver),
      queue.look(endpoint(fetch, bearer('b')), bare('3'), forEver),
      queue.look(endpoint(fetch, { credentials: 'include' }), bare('4'), forEver),
      queue.look(endpoint(fetch, {}, 'https://b.example'), bare('5'), forEver),
    ]);
    expect(asked).toEqual([['1', '2'], ['3'], ['4'], ['5']]);
  });

  it('asks in one namespace at a time, and once for a run that is there twice', async () => {
    const { bodies, fetch } = answering();
    const queue = new LookupQueue();
    const asked = [
      ...[null, 'shop', '', 'shop', null].map((namespace) => ({ runId: '1', namespace })),
      { runId: '2', namespace: 'shop' },
    ];
    await Promise.all(asked.map((run) => queue.look(endpoint(fetch), run, forEver)));
    expect(bodies).toEqual([
      { run_ids: ['1'] },
      { run_ids: ['1', '2'], namespace: 'shop' },
      { run_ids: ['1'], namespace: '' },
    ]);
  });

  it('does not ask for chips that are gone before it asks', async () => {
    const { asked, fetch } = answering();
    const gone = new AbortController();
    const queue = new LookupQueue();
    const lost = queue.look(endpoint(fetch), bare('1'), gone.signal);
    const kept = queue.look(endpoint(fetch), bare('2'), forEver);
    gone.abort();
    await expect(lost).rejects.toThrow('aborted');
    await kept;
    expect(asked).toEqual([['2']]);
  });

  it('gives the request up when the last chip is gone, not before', async () => {
    const signals: AbortSignal[] = [];
    const fetch: Fetch = (_, init) =>
      new Promise((_resolve, reject) => {
        if (!init?.signal) return;
        signals.push(init.signal);
        init.signal.addEventListener('abort', () => reject(new DOMException('', 'AbortError')));
      });
    const queue = new LookupQueue();
    const [first, second] = [new AbortController(), new AbortController()];
    const lost = [
      queue.look(endpoint(fetch), bare('1'), first.signal),
      queue.look(endpoint(fetch), bare('2'), second.signal),
    ];
    const settled = Promise.allSettled(lost);
    await vi.waitFor(() => expect(signals).toHaveLength(1));
    first.abort();
    expect(signals[0]?.aborted).toBe(false);
    second.abort();
    expect(signals[0]?.aborted).toBe(true);
    expect((await settled).map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  });

  it('tells every chip when the API fails', async () => {
    const fetch: Fetch = () => Promise.resolve(new Response('', { status: 503 }));
    const queue = new LookupQueue();
    const outcomes = await Promise.all(
      ['1', '2'].map((id) => queue.look(endpoint(fetch), bare(id), forEver)),
    );
    expect(outcomes).toEqual(['1', '2'].map(() => ({ ok: false, problem: 'service_unavailable' })));
  });

  it('tells the chip whose run is missing in the answer', async () => {
    const fetch: Fetch = () => Promise.resolve(Response.json({ runs: [failedRun('1')] }));
    const queue = new LookupQueue();
    const outcomes = await Promise.all(
      ['1', '2'].map((id) => queue.look(endpoint(fetch), bare(id), forEver)),
    );
    expect(outcomes.map(({ ok }) => ok)).toEqual([true, false]);
  });
});
