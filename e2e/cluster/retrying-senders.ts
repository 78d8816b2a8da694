import { setTimeout as sleep } from 'node:timers/promises';
import { bodyOf, failedRun, send, type FailedRun } from './failed-runs.ts';

const SENDERS = 4;
const RUNS = 5;

/** Senders that try again until they are told that what they sent is stored, as a Collector does. */
export interface RetryingSenders {
  /** What was acknowledged so far. */
  acknowledged: FailedRun[];
  /** The other answers, each its status and its `Retry-After`. */
  refused: { status: number; retryAfter: string | null }[];
  /** Sends what is under way until it is taken, and no more. */
  stop(): Promise<void>;
}

/** Starts several senders at once, with a few runs in each body, whose texts differ in the message alone. */
export function startSenders(receiverUrls: readonly string[]): RetryingSenders {
  const acknowledged: FailedRun[] = [];
  const refused: RetryingSenders['refused'] = [];
  const stopping = new AbortController();

  async function sender(index: number): Promise<void> {
    const url = receiverUrls[index % receiverUrls.length] ?? '';
    for (let count = 0; !stopping.signal.aborted; count += 1) {
      const runs = Array.from({ length: RUNS }, (_, of) => {
        const runId = `load_${index}_${count}_${of}`;
        const message = `order ${runId} not found`;
        return failedRun(runId, {
          message,
          stackText: `Error: ${message}\n    at load (/app/orders.js:4:11)\n`,
        });
      });
      await untilTaken(url, bodyOf(runs));
      acknowledged.push(...runs);
    }
  }

  async function untilTaken(url: string, body: string): Promise<void> {
    for (;;) {
      const response = await send(url, body);
      await response.arrayBuffer();
      if (response.status === 200) return;
      refused.push({
        status: response.status,
        retryAfter: response.headers.get('retry-after'),
      });
      await sleep(100);
    }
  }

  const all = Array.from({ length: SENDERS }, (_, index) => sender(index));
  return {
    acknowledged,
    refused,
    async stop() {
      stopping.abort();
      await Promise.all(all);
    },
  };
}
