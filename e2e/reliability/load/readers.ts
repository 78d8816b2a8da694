import { setTimeout as sleep } from 'node:timers/promises';
import type { Findings } from '../comparison/findings.ts';
import type { House } from '../parts/house.ts';
import { createRandom } from '../random.ts';
import { failureOf } from './failures.ts';
import type { Answers, Ledger } from './ledger.ts';

/** Somebody who downloads what was acknowledged, all the time. */
export interface Reader {
  /** What was answered, by status or by code; `200` is the whole and right text. */
  answers: Answers;
  stop(): Promise<void>;
}

const PAUSE_MS = 100;
const TIMEOUT_MS = 15_000;

/**
 * Starts a reader of what is claimed at each moment. An answer may be missing, late or an error; but a text that
 * ends as if it were whole is to be the text, and what was acknowledged is never said not to be there.
 */
export function startReader({ api, collector }: House, ledger: Ledger, findings: Findings): Reader {
  const answers: Answers = new Map();
  const random = createRandom(`${ledger.series.tag}/reader`);
  const stopping = new AbortController();

  async function readOne(): Promise<void> {
    // What a Collector has acknowledged may still be in its queue.
    const claimed = ledger.claimed().filter(({ url }) => url !== collector?.url);
    const batch = claimed[random.whole(claimed.length)];
    if (!batch) return;
    const sent = failureOf(ledger.series, batch.first + random.whole(batch.count));
    const answer = await download(`${api.url}/api/runs/${sent.runId}/trace`, sent.traceText);
    // Meanwhile somebody may have taken it away.
    const isClaimed = ledger.claimed().includes(batch);
    if (isClaimed && (answer.startsWith('404') || answer === 'another text')) {
      findings.add('untrue', `reading ${sent.runId}: ${answer}`);
    }
    answers.set(answer, (answers.get(answer) ?? 0) + 1);
  }

  const reading = (async () => {
    while (!stopping.signal.aborted) {
      await readOne();
      await sleep(PAUSE_MS);
    }
  })();
  return {
    answers,
    stop() {
      stopping.abort();
      return reading;
    },
  };
}

async function download(url: string, expected: string): Promise<string> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(TIMEOUT_MS) });
    const text = await response.text();
    if (response.status !== 200) {
      const [, code = 'no code'] = /"code":"(\w+)"/.exec(text) ?? [];
      return `${response.status} ${code}`;
    }
    return text === expected ? '200' : 'another text';
  } catch (error) {
    if ((error as Error).name === 'TimeoutError') return 'no answer in time';
    const { cause } = error as { cause?: NodeJS.ErrnoException };
    return cause?.code ?? 'broken off';
  }
}
