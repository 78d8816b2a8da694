import type { DecodeLimits, LeftOut } from '../decode/limits.ts';
import type { Extracted } from './failure.ts';
import { LABEL_MAX_BYTES } from './label.ts';
import { RUN_ID_MAX_CHARACTERS } from '@failtrace/contract';

/** How many spans of a request there is something to say of, by what it is. */
export interface Remarks {
  invalidIds: number;
  ignoredRunIds: number;
  futureTimes: number;
  cutLabels: number;
}

/** What a limit counts, in the words for the sender. */
const limitWords: Record<keyof DecodeLimits, string> = {
  groups: 'resources and scopes',
  spans: 'spans',
  attributes: 'attributes',
  events: 'span events',
  keptSpans: 'spans that have an exception or name a run',
  failures: 'failures',
};

/** One sentence for each reason, for the sender's `partial_success`. */
export function asRejected(
  remarks: Remarks,
  leftOut: LeftOut | undefined,
  latestTime: bigint,
): Extracted['rejected'] {
  const { invalidIds, ignoredRunIds, futureTimes, cutLabels } = remarks;
  const sentences: [count: number, sentence: string][] = [
    [
      leftOut?.spans ?? 0,
      `spans were rejected: a request may hold at most ${leftOut?.maximum} ${limitWords[leftOut?.limit ?? 'spans']}. Send smaller batches.`,
    ],
    [invalidIds, 'spans were rejected: a trace id is 16 bytes and a span id 8, not all zero.'],
    [
      ignoredRunIds,
      `spans carry a run id that was ignored: a run id is UTF-8, 1 to ${RUN_ID_MAX_CHARACTERS} characters without control characters, and neither . nor ..`,
    ],
    [
      futureTimes,
      `spans carry times in the future; they were set back, to ${new Date(Number(latestTime / 1_000_000n)).toISOString()} at most.`,
    ],
    [
      cutLabels,
      `spans carry a namespace, service name, span name or exception type of more than ${LABEL_MAX_BYTES} bytes, which was cut there.`,
    ],
  ];
  return {
    spans: invalidIds + (leftOut?.spans ?? 0),
    message: sentences
      .filter(([count]) => count > 0)
      .map(([count, sentence]) => `${count} ${sentence}`)
      .join(' '),
  };
}
