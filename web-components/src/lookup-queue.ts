import type { RunRef } from './api-url.ts';
import { type ApiEndpoint, lookupRuns, type RunOutcome } from './run-client.ts';

/** The most ids that the API takes in one request. */
const mostIds = 500;

/** About one frame: the chips that a page shows together ask together. */
const windowMs = 16;

interface Waiter {
  readonly runId: string;
  readonly signal: AbortSignal;
  readonly resolve: (outcome: RunOutcome) => void;
  readonly reject: (reason: unknown) => void;
}

interface Batch {
  readonly endpoint: ApiEndpoint;
  readonly namespace: string | null;
  readonly key: string;
  readonly waiters: Waiter[];
}

/**
 * Gathers the look-ups of many chips into few requests.
 *
 * Only chips that ask the same API in the same way share a request: same address, credentials,
 * headers and `fetch`, and the same namespace, which holds for a whole request. A batch lives for one window, so nothing is kept for pages that are gone.
 */
export class LookupQueue {
  readonly #open: Batch[] = [];

  /** Asks for one run together with others. Rejects only when `signal` is aborted. */
  look(endpoint: ApiEndpoint, run: RunRef, signal: AbortSignal): Promise<RunOutcome> {
    const { runId, namespace } = run;
    return new Promise((resolve, reject) => {
      this.#batchFor(endpoint, namespace).waiters.push({ runId, signal, resolve, reject });
    });
  }

  #batchFor(endpoint: ApiEndpoint, namespace: string | null): Batch {
    const key = keyOf(endpoint, namespace);
    const open = this.#open.find((it) => it.key === key && it.endpoint.fetch === endpoint.fetch);
    if (open) return open;
    const batch: Batch = { endpoint, namespace, key, waiters: [] };
    this.#open.push(batch);
    // Not requestAnimationFrame: it stands still in a tab in the background.
    setTimeout(() => {
      this.#open.splice(this.#open.indexOf(batch), 1);
      send(batch);
    }, windowMs);
    return batch;
  }
}

function send(batch: Batch): void {
  const byId = new Map<string, Waiter[]>();
  for (const waiter of batch.waiters) {
    if (waiter.signal.aborted) {
      waiter.reject(waiter.signal.reason);
      continue;
    }
    const same = byId.get(waiter.runId);
    if (same) same.push(waiter);
    else byId.set(waiter.runId, [waiter]);
  }
  const groups = [...byId];
  for (let from = 0; from < groups.length; from += mostIds) {
    void sendGroup(batch, groups.slice(from, from + mostIds));
  }
}

async function sendGroup(
  { endpoint, namespace }: Batch,
  group: [string, Waiter[]][],
): Promise<void> {
  const waiters = group.flatMap(([, same]) => same);
  const ids = group.map(([runId]) => runId);
  const settled = new AbortController();
  const all = signalOfAll(waiters, settled.signal);
  try {
    const outcomes = await lookupRuns(endpoint, ids, namespace, all);
    group.forEach(([, same], index) => {
      const outcome = outcomes[index] ?? { ok: false, problem: 'unexpected' };
      for (const waiter of same) waiter.resolve(outcome);
    });
  } catch (error) {
    for (const waiter of waiters) waiter.reject(error);
  } finally {
    settled.abort();
  }
}

/** Aborted when nobody waits any more: a request is worth its answer to a single chip. */
function signalOfAll(waiters: readonly Waiter[], until: AbortSignal): AbortSignal {
  const controller = new AbortController();
  let waiting = waiters.length;
  for (const { signal, reject } of waiters) {
    const leave = (): void => {
      reject(signal.reason);
      waiting -= 1;
      if (waiting === 0) controller.abort(signal.reason);
    };
    signal.addEventListener('abort', leave, { once: true, signal: until });
  }
  return controller.signal;
}

function keyOf({ api, init }: ApiEndpoint, namespace: string | null): string {
  const { credentials, mode, cache, redirect, referrer, referrerPolicy } = init;
  const headers = [...new Headers(init.headers)];
  return JSON.stringify([
    api.href,
    namespace,
    [credentials, mode, cache, redirect, referrer, referrerPolicy],
    headers,
  ]);
}
