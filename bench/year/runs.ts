import { randomFillSync } from 'node:crypto';
import type { Extracted, Failure, RunSpan, SpanContext } from '@failtrace/collector-plugin';
import { messageOf, shares, stackTexts } from './vocabulary.ts';

/** A run to ask for. */
export interface SampledRun {
  runId: string;
  traceId: string;
}

/** A stretch of time in which runs end, in milliseconds since the Unix epoch. */
export interface Stretch {
  fromMs: number;
  untilMs: number;
}

/** In so many runs, one fails in an inner span as well, which ends and arrives before its root. */
const ONE_FAILS_INSIDE = 10;
/** Of those, in so many one has its root in the next write. */
const ONE_ROOT_IS_LATE = 10;
/** One good run comes with so many that failed. */
const ONE_GOOD_RUN = 5;
const MOST_SECONDS = 10;
/** Random bytes for one run, no two of its ids from the same: ids must not pack better than real ones. */
const RANDOM_BYTES = 112;
const NUMBERS_AT = 88;
/** An exception is recorded so long before its span ends, at most. */
const MOST_NS_BEFORE_END = 2_000_000;
const EMPTY = Buffer.alloc(0);
const ERROR = 2;
const OK = 1;

/**
 * Makes the records of runs as the decoder would hand them over: every run id and trace id is random,
 * services and namespaces are of very different frequency, and each message has an order's number.
 */
export function createRuns(stackCount: number) {
  const stacks = stackTexts(stackCount);
  const late: Pick<Extracted, 'failures' | 'runSpans'> = { failures: [], runSpans: [] };
  let order = 0;

  /** So many failures whose runs end in the stretch, evenly. Every `sampleEvery`th run is sampled. */
  return function runsOf(
    failures: number,
    { fromMs, untilMs }: Stretch,
    sampleEvery: number,
  ): { extracted: Extracted; sampled: SampledRun[] } {
    const extracted: Extracted = {
      failures: late.failures.splice(0),
      runSpans: late.runSpans.splice(0),
      rejected: { items: 0, message: '' },
    };
    const random = randomFillSync(Buffer.allocUnsafe(failures * RANDOM_BYTES));
    const sampled: SampledRun[] = [];
    const step = (untilMs - fromMs) / failures;
    for (let at = 0; extracted.failures.length < failures; at += RANDOM_BYTES) {
      order += 1;
      const bytes = random.subarray(at, at + RANDOM_BYTES);
      const endedAt = nanoseconds(
        fromMs + step * extracted.failures.length,
        bytes.readUInt32LE(NUMBERS_AT),
      );
      const root = rootSpan(bytes, endedAt);
      const beforeEnd = BigInt(bytes.readUInt32LE(NUMBERS_AT + 16) % MOST_NS_BEFORE_END);
      const last = extracted.failures.length + 2 > failures;
      const inside = order % ONE_FAILS_INSIDE === 0 && !last;
      if (inside)
        extracted.failures.push(failureOf(innerSpan(root, bytes), order, stacks, beforeEnd));
      const isLate = inside && order % (ONE_FAILS_INSIDE * ONE_ROOT_IS_LATE) === 0;
      const target = isLate ? late : extracted;
      target.failures.push(failureOf(root, order, stacks, beforeEnd));
      target.runSpans.push({ ...root, status: ERROR });
      if (order % ONE_GOOD_RUN === 0) extracted.runSpans.push(goodRun(root, bytes));
      if (order % sampleEvery === 0 && !isLate) {
        sampled.push({ runId: root.runId.toString(), traceId: root.traceId.toString('hex') });
      }
    }
    return { extracted, sampled };
  };
}

function rootSpan(bytes: Buffer, endedAt: bigint): SpanContext {
  return {
    traceId: bytes.subarray(0, 16),
    spanId: bytes.subarray(16, 24),
    parentSpanId: EMPTY,
    runId: uuid(bytes, 24),
    namespace: pick(shares.namespaces, bytes.readUInt16LE(NUMBERS_AT + 8)),
    service: pick(shares.services, bytes.readUInt16LE(NUMBERS_AT + 10)),
    spanName: pick(shares.spanNames, bytes.readUInt16LE(NUMBERS_AT + 12)),
    startedAt:
      endedAt - BigInt(bytes.readUInt32LE(NUMBERS_AT + 4) % (MOST_SECONDS * 1_000_000)) * 1_000n,
    endedAt,
  };
}

/** A step of the run, in another service, that knows no run id. */
function innerSpan(root: SpanContext, bytes: Buffer): SpanContext {
  return {
    ...root,
    spanId: bytes.subarray(40, 48),
    parentSpanId: root.spanId,
    runId: EMPTY,
    service: pick(shares.services, bytes.readUInt16LE(NUMBERS_AT + 14)),
    endedAt: root.endedAt - (root.endedAt - root.startedAt) / 4n,
  };
}

function goodRun(failed: SpanContext, bytes: Buffer): RunSpan {
  return {
    ...failed,
    traceId: bytes.subarray(48, 64),
    spanId: bytes.subarray(64, 72),
    runId: uuid(bytes, 72),
    status: OK,
  };
}

function failureOf(
  span: SpanContext,
  order: number,
  stacks: readonly Stack[],
  beforeEnd: bigint,
): Failure {
  const stack = stacks[(order * 7_919) % stacks.length] ?? stacks[0];
  if (!stack) throw new RangeError('no stacks');
  const message = Buffer.from(messageOf(order), 'latin1');
  return {
    ...span,
    source: 1,
    occurredAt: span.endedAt - beforeEnd,
    status: 2,
    handled: false,
    outcome: false,
    cutUpstream: false,
    droppedEvents: 0,
    type: stack.type,
    message,
    stackText: Buffer.concat([stack.beforeMessage, message, stack.afterMessage]),
  };
}

type Stack = ReturnType<typeof stackTexts>[number];

function pick(names: readonly Buffer[], random: number): Buffer {
  return names[random % names.length] ?? EMPTY;
}

function nanoseconds(milliseconds: number, random: number): bigint {
  return BigInt(Math.floor(milliseconds)) * 1_000_000n + BigInt(random % 1_000_000);
}

function uuid(bytes: Buffer, at: number): Buffer {
  const hex = bytes.toString('hex', at, at + 16);
  const text = `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
  return Buffer.from(text, 'latin1');
}
