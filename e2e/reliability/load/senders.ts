import { Agent } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { createRandom } from '../random.ts';
import { bodyOf } from './bodies.ts';
import type { Ledger } from './ledger.ts';
import { post } from './post.ts';

/** How hard is sent. */
export interface Load {
  senders: number;
  /** Failures in a body: from 1 to so many, or always so many. */
  batch: { upTo: number } | { exactly: number };
  /** With each body travel so many bytes of spans that do not matter. */
  ballastBytes?: number;
  /** A sender waits at most so long between two bodies, in milliseconds. */
  pauseMs: number;
  /** An attempt waits so long for its answer: 10 s, as in the SDKs, or 30 s, as in the Collector. */
  timeoutMs: number;
  /** Then a sender gives a body up, in milliseconds. */
  patienceMs: number;
  /** For each address one sender tries again every tenth of a second: so the moment of recovery is seen. */
  eager?: boolean;
  /** Each sender stays with one address, in place of trying the next one. */
  sticky?: boolean;
}

export const usualLoad: Load = {
  senders: 4,
  batch: { upTo: 40 },
  pauseMs: 60,
  timeoutMs: 10_000,
  patienceMs: 180_000,
  eager: true,
};

/** Senders at work. */
export interface Senders {
  /** No new bodies; resolves when each one under way has been acknowledged or given up. */
  stop(): Promise<void>;
  /** Ends at once: what is under way counts as given up. */
  abandon(): Promise<void>;
}

/* As the OpenTelemetry SDKs have it: 1 s at first, half as long again each time, at most 5 s, and chance. */
const FIRST_WAIT_MS = 1_000;
const WAIT_GROWS = 1.5;
const LONGEST_WAIT_MS = 5_000;
const EAGER_WAIT_MS = 100;

/**
 * Starts senders that do as OTLP/HTTP exporters do: what may be tried again is sent again, as it was, to the
 * next of the receivers, after as long as `Retry-After` says or else longer each time.
 *
 * @param urls asked for at each attempt: receivers may move
 */
export function startSenders(urls: () => readonly string[], ledger: Ledger, load: Load): Senders {
  const stopping = new AbortController();
  const leaving = new AbortController();
  const agent = new Agent({ keepAlive: true });

  async function sender(index: number): Promise<void> {
    const random = createRandom(`${ledger.series.tag}/sender/${index}`);
    while (!stopping.signal.aborted) {
      const { batch } = load;
      await deliver(index, 'exactly' in batch ? batch.exactly : 1 + random.whole(batch.upTo));
      if (load.pauseMs > 0) await sleep(random.whole(load.pauseMs));
    }
  }

  async function deliver(index: number, count: number): Promise<void> {
    const batch = ledger.take(count);
    const body = bodyOf(ledger.series, batch, load.ballastBytes);
    const random = createRandom(`${ledger.series.tag}/waits/${batch.first}`);
    const giveUpAt = performance.now() + load.patienceMs;
    for (let attempt = 0; ; attempt += 1) {
      const to = urls();
      const url = to[(index + (load.sticky ? 0 : attempt)) % to.length] ?? '';
      const attemptedAt = performance.now();
      const outcome = await post({ url, agent, timeoutMs: load.timeoutMs }, body);
      if (outcome.kind === 'acknowledged') {
        ledger.acknowledge({ ...batch, attemptedAt, acknowledgedAt: performance.now(), url });
        return;
      }
      ledger.refused(outcome.kind === 'dropped' ? `dropped: ${outcome.answer}` : outcome.answer);
      if (outcome.kind === 'dropped') return ledger.giveUp(batch);
      const wait = Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * WAIT_GROWS ** attempt);
      const politely = outcome.afterMs ?? wait * (0.8 + 0.4 * random.next());
      const waitMs = load.eager && index < to.length ? EAGER_WAIT_MS : politely;
      const isOver = leaving.signal.aborted || performance.now() + waitMs > giveUpAt;
      if (isOver) return ledger.giveUp(batch);
      await sleep(waitMs, undefined, { signal: leaving.signal }).catch(() => undefined);
    }
  }

  const all = Array.from({ length: load.senders }, (_, index) => sender(index));
  const done = Promise.all(all).then(() => agent.destroy());
  return {
    stop() {
      stopping.abort();
      return done;
    },
    abandon() {
      stopping.abort();
      leaving.abort();
      agent.destroy();
      return done;
    },
  };
}
