import type { Batch } from './bodies.ts';
import type { Series } from './failures.ts';

/** A batch that was acknowledged, and when; milliseconds of `performance.now()`. */
export interface Acknowledged extends Batch {
  /** When the attempt began that was acknowledged. */
  attemptedAt: number;
  acknowledgedAt: number;
  /** Where it was sent. */
  url: string;
}

/** What senders were answered, other than that it is stored, by status or by code: `503`, `ECONNRESET`. */
export type Answers = Map<string, number>;

/**
 * What was sent, and what came of it. The senders write it and nobody else: it knows nothing of how
 * failtrace stores.
 */
export interface Ledger {
  readonly series: Series;
  /** The next batch of so many, that has not been sent before. */
  take(count: number): Batch;
  acknowledge(batch: Acknowledged): void;
  /** The sender has given up: it may be stored, or not. */
  giveUp(batch: Batch): void;
  /** An answer that was no acknowledgement. */
  refused(answer: string): void;
  /**
   * Somebody is about to take away what was sent from this moment on: nothing is claimed of it any more.
   *
   * @returns to be called when it is done: what is sent from then on is claimed
   */
  forgive(from: number): () => void;
  /** All that must be there. */
  claimed(): Acknowledged[];
  /** How many failures must be there. */
  claimedCount(): number;
  readonly acknowledged: readonly Acknowledged[];
  readonly givenUp: readonly Batch[];
  readonly answers: Answers;
  /** How many failures have been sent. */
  sent(): number;
}

export function createLedger(series: Series): Ledger {
  const acknowledged: Acknowledged[] = [];
  const givenUp: Batch[] = [];
  const answers: Answers = new Map();
  let next = 0;
  const forgiven: { from: number; until: number }[] = [];
  const isForgiven = ({ attemptedAt, acknowledgedAt }: Acknowledged) =>
    forgiven.some(({ from, until }) => acknowledgedAt >= from && attemptedAt <= until);
  const claimed = () => acknowledged.filter((batch) => !isForgiven(batch));
  return {
    series,
    acknowledged,
    givenUp,
    answers,
    take(count) {
      const first = next;
      next += count;
      return { first, count };
    },
    acknowledge: (batch) => void acknowledged.push(batch),
    giveUp: (batch) => void givenUp.push(batch),
    refused: (answer) => void answers.set(answer, (answers.get(answer) ?? 0) + 1),
    forgive(from) {
      const range = { from, until: Number.POSITIVE_INFINITY };
      forgiven.push(range);
      return () => {
        range.until = performance.now();
      };
    },
    claimed,
    claimedCount: () => claimed().reduce((sum, { count }) => sum + count, 0),
    sent: () => next,
  };
}
