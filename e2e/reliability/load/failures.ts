import { createHash } from 'node:crypto';
import {
  runtimeStacks,
  type RuntimeStack,
} from '../../../collector-plugin/testing/runtime-stacks.ts';
import { createRandom, type Random } from '../random.ts';

/** A series of failures: each is known by its number alone, so that a million of them take no memory. */
export interface Series {
  /** Names the series, and is in each of its run ids. */
  tag: string;
  /** When its first failure occurred, in milliseconds since the Unix epoch; each is a millisecond later. */
  startMs: number;
}

/** A run that failed, as the service that it failed in knows it. */
export interface SentFailure {
  number: number;
  runId: string;
  /** In hex; its last 16 digits are the number. */
  traceId: string;
  spanId: string;
  service: string;
  errorType: string;
  message: string;
  stackText: string;
  /** What a download has to be. */
  traceText: string;
  endedAtMs: number;
}

/** The tenant of all of them. */
export const NAMESPACE = 'reliability';

const stacks = Object.values(runtimeStacks) as [
  (typeof runtimeStacks)[string],
  ...(typeof runtimeStacks)[string][],
];
const services = ['orders', 'payment', 'stock', 'mail', 'import'] as const;
const types = ['OrderError', 'shop.Gone', 'TimeoutError', 'Überlauf', 'KeyError'] as const;

/** One in so many has a message that is too long for its row, and one a stack text of several chunks. */
const ONE_LONG_IN = 250;
const LONG_MESSAGE_BYTES = 20_000;
const LONG_STACK_FRAMES = 2_000;
/** One in so many comes from a place in the code that is new with every release; so new texts come all the time. */
const ONE_NEW_IN = 8;
const FAILURES_OF_A_RELEASE = 128;

/** The failure with this number: the same each time that it is asked for. */
export function failureOf({ tag, startMs }: Series, number: number): SentFailure {
  const random = createRandom(`${tag}/${number}`);
  const { message, text } = stackOf(random, number);
  const service = random.pick(services);
  const errorType = random.pick(types);
  return {
    number,
    runId: `${tag}_${number}`,
    traceId: traceIdOf(tag, number),
    spanId: createHash('sha256').update(`${tag}/${number}`).digest('hex').slice(0, 16),
    service,
    errorType,
    message,
    stackText: text,
    // Where the stack does not say what happened, as in Go, a download says it above.
    traceText: text.includes(message) ? text : `${errorType}: ${message}\n${text}`,
    endedAtMs: startMs + number,
  };
}

/** Trace ids begin like random ones, so that they spread, and end with the number, so that they tell it. */
export function traceIdOf(tag: string, number: number): string {
  const beginning = createHash('sha256')
    .update(`trace/${tag}/${number}`)
    .digest('hex')
    .slice(0, 16);
  return beginning + number.toString(16).padStart(16, '0');
}

/** The number of the failure that has this trace id, in hex. */
export function numberOf(traceId: string): number {
  return Number.parseInt(traceId.slice(16), 16);
}

function stackOf(random: Random, number: number): Pick<RuntimeStack, 'message' | 'text'> {
  const { message, text } = random.pick(stacks)({
    order: random.whole(10 ** random.whole(9)),
    address: random.hex(12),
    uuid: [8, 4, 4, 4, 12].map((digits) => random.hex(digits)).join('-'),
    moment: new Date(1_790_000_000_000 + random.whole(10 ** 9)).toISOString(),
    id: random.hex(12),
    customer: random.pick(['Meyer', 'Žižka', '王', 'O’Neil', '🧾']),
  });
  if (number % ONE_LONG_IN === 7) {
    const long = `${message} ${random.hex(LONG_MESSAGE_BYTES)}`;
    return { message: long, text: text.replaceAll(message, long) };
  }
  if (number % ONE_LONG_IN === 11) {
    const frames = Array.from(
      { length: LONG_STACK_FRAMES },
      (_, line) => `    at frame${line} (/srv/${random.hex(8)}.js:${line}:1)`,
    );
    return { message, text: `${text}\n${frames.join('\n')}\n` };
  }
  if (number % ONE_NEW_IN === 3) {
    const release = Math.floor(number / FAILURES_OF_A_RELEASE);
    return {
      message,
      text: `${text}\n    at place (/srv/release-${release}/place.js:${release}:1)\n`,
    };
  }
  return { message, text };
}
