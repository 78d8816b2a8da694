import { setTimeout as sleep } from 'node:timers/promises';
import { compare } from './comparison/compare.ts';
import { countStored } from './comparison/by-sql.ts';
import { createFindings, type Findings } from './comparison/findings.ts';
import type { Fault } from './faults/fault.ts';
import { createLedger, type Answers, type Ledger } from './load/ledger.ts';
import { startReader } from './load/readers.ts';
import { startSenders, usualLoad } from './load/senders.ts';
import { startHouse, type House } from './parts/house.ts';
import { createRandom } from './random.ts';
import { firstAcknowledgement } from './stage.ts';

/** What came of a fault. */
export interface Outcome {
  fault: Fault;
  /** Failures. */
  acknowledged: number;
  /** Of those, how many somebody has taken away on purpose, so that nothing is claimed of them. */
  forgiven: number;
  givenUp: number;
  senders: Answers;
  readers: Answers;
  /** From the fault, or its end, to the first acknowledgement, in milliseconds. */
  recoveriesMs: number[];
  repeatedRows: number;
  receiverMb: number;
  apiMb: number;
  notes: string[];
  findings: Findings;
  seconds: number;
}

const WARM_UP_MS = 1_000;
const AFTERWARDS_MS = 500;
const QUEUE_LIMIT_MS = 120_000;
const QUEUE_LOOK_MS = 1_000;
/** Failures are sent as some hours old, and none of a million is in the future. */
const SENT_AS_OLD_MS = 7_200_000;

/** Starts a house, loads it, lets the fault happen, waits until all goes on, and compares. */
export async function runFault(
  fault: Fault,
  { seed, scale }: { seed: string; scale: number },
): Promise<Outcome> {
  const began = performance.now();
  const random = createRandom(`${seed}/${fault.name}`);
  const tag = `${fault.name.replaceAll('-', '_')}_${random.hex(8)}`;
  const ledger = createLedger({ tag, startMs: Date.now() - SENT_AS_OLD_MS });
  const findings = createFindings();
  const recoveriesMs: number[] = [];
  const notes: string[] = [];
  const house = await startHouse(fault.house);
  try {
    const load = { ...usualLoad, ...fault.load };
    const senders = startSenders(() => house.otlpUrls, ledger, load);
    const reader = startReader(house, ledger, findings);
    let repeatedRows = 0;
    try {
      await sleep(WARM_UP_MS);
      await fault.happen({
        house,
        ledger,
        findings,
        random,
        scale,
        pause: (ms) => sleep(ms),
        recovered: async (since, url) => {
          recoveriesMs.push(await firstAcknowledgement(ledger, since, url));
        },
        note: (text) => void notes.push(text),
      });
      await sleep(AFTERWARDS_MS);
      await senders.stop();
      await reader.stop();
      if (house.collector) await untilQueueIsEmpty(house, ledger);
      repeatedRows = await compare(house, ledger, findings);
    } catch (error) {
      // What came of it so far is told all the same.
      findings.add('stuck', (error as Error).message);
      await senders.abandon();
      await reader.stop();
    }
    for (const [answer, times] of ledger.answers) {
      if (answer.startsWith('dropped')) findings.add('refused', answer, times);
    }
    return {
      fault,
      acknowledged: count(ledger.acknowledged),
      forgiven: count(ledger.acknowledged) - ledger.claimedCount(),
      givenUp: count(ledger.givenUp),
      senders: ledger.answers,
      readers: reader.answers,
      recoveriesMs,
      repeatedRows,
      receiverMb: Math.max(...house.receivers.map((receiver) => receiver.worstMb())),
      apiMb: house.api.worstMb(),
      notes,
      findings,
      seconds: (performance.now() - began) / 1_000,
    };
  } finally {
    await house.stop();
  }
}

function count(batches: readonly { count: number }[]): number {
  return batches.reduce((sum, batch) => sum + batch.count, 0);
}

/**
 * A Collector acknowledges what is in its queue, and is quicker than what stands behind it: it is compared when all
 * has left the queue, or when nothing has for some time.
 */
async function untilQueueIsEmpty({ clickhouse }: House, ledger: Ledger): Promise<void> {
  let before = -1;
  for (let until = performance.now() + QUEUE_LIMIT_MS; performance.now() < until;) {
    const stored = await countStored(clickhouse.readUrl);
    // Some of what was given up may be among them, so a moment without any more is waited for.
    if (stored >= ledger.claimedCount() && stored === before) return;
    if (stored > before) until = performance.now() + QUEUE_LIMIT_MS;
    before = stored;
    await sleep(QUEUE_LOOK_MS);
  }
}
