import type { DecodeLimits, LeftOut } from '../decode/limits.ts';
import type { Extracted } from './failure.ts';
import { LABEL_MAX_BYTES } from './label.ts';
import { RUN_ID_MAX_CHARACTERS } from '@failtrace/contract';

/** How many spans, or log records, of a request there is something to say of, by what it is. */
export interface Remarks {
  invalidIds: number;
  ignoredRunIds: number;
  futureTimes: number;
  cutLabels: number;
}

/** What the items of a signal are called. */
export type ItemWord = 'spans' | 'log records';

/** What a limit counts, in the words for the sender; undefined for the items themselves. */
const limitWords: Record<keyof DecodeLimits, string | undefined> = {
  groups: 'resources and scopes',
  items: undefined,
  attributes: 'attributes',
  events: 'span events',
  keptItems: 'of them that have an exception or name a run',
  failures: 'failures',
};

/** One sentence for each reason, for the sender's `partial_success`. */
export function asRejected(
  word: ItemWord,
  remarks: Remarks,
  leftOut: LeftOut | undefined,
  latestTime: bigint,
): Extracted['rejected'] {
  const { invalidIds, ignoredRunIds, futureTimes, cutLabels } = remarks;
  const sentences: [count: number, sentence: string][] = [
    [
      leftOut?.items ?? 0,
      `${word} were rejected: a request may hold at most ${leftOut?.maximum} ${limitWords[leftOut?.limit ?? 'items'] ?? word}. Send smaller batches.`,
    ],
    [invalidIds, `${word} were rejected: a trace id is 16 bytes and a span id 8, not all zero.`],
    [
      ignoredRunIds,
      `${word} carry a run id that was ignored: a run id is UTF-8, 1 to ${RUN_ID_MAX_CHARACTERS} characters without control characters, and neither . nor ..`,
    ],
    [
      futureTimes,
      `${word} carry times in the future; they were set back, to ${new Date(Number(latestTime / 1_000_000n)).toISOString()} at most.`,
    ],
    [
      cutLabels,
      `${word} carry a namespace, service name, span name or exception type of more than ${LABEL_MAX_BYTES} bytes, which was cut there.`,
    ],
  ];
  return {
    items: invalidIds + (leftOut?.items ?? 0),
    message: sentences
      .filter(([count]) => count > 0)
      .map(([count, sentence]) => `${count} ${sentence}`)
      .join(' '),
  };
}
