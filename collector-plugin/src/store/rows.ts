import type { Failure, RunSpan, SpanContext } from '../extract/failure.ts';
import {
  columnNames,
  recordColumns,
  recordKeyColumns,
  stackTextColumns,
  writeRow,
} from './columns.ts';
import { findBytes } from '../find-bytes.ts';
import { traceKey } from './record-key.ts';
import type { RowBinaryBuffer } from './row-binary-buffer.ts';
import { cutStackText } from './cut-stack-text.ts';
import type { CutStackText } from './cuts.ts';
import { ROW_MESSAGE_BYTES, tables } from './schema.ts';
import { chunksOf, textHash } from './stack-text.ts';

/** The columns of each INSERT, in the order in which the functions below write them. */
export const columns = {
  [tables.runRecords]: columnNames(recordColumns),
  [tables.recordKeys]: columnNames(recordKeyColumns),
  [tables.stackTexts]: columnNames(stackTextColumns),
} as const;

const NONE = Buffer.alloc(0);
const NO_CUTS = { bytes: NONE, bounds: [] };

/** When a row goes, in seconds since the Unix epoch. */
export interface Expiry {
  /** From then on it is not told any more. */
  expiresAt: number;
  /** Then it leaves the disk. */
  droppedAt: number;
}

/** Bytes that are kept apart from the row that needs them, in chunks, under their hash. */
export interface StoredText {
  hash: Buffer;
  content: Buffer;
}

/** What of a failure is kept apart from its row. */
export interface StoredTexts {
  /** The stack text without what varies; null for a failure without one. */
  stack: (StoredText & Pick<CutStackText, 'form' | 'cuts'> & { headless: boolean }) | null;
  /** The whole message, where it is too long for the row; else null. */
  message: StoredText | null;
}

/** Finds what of a failure is to be kept apart, and under which hash. */
export function storedTexts(failure: Failure): StoredTexts {
  const { stackText, message } = failure;
  return {
    stack: stackText.length === 0 ? null : storedStack(failure),
    message:
      message.length > ROW_MESSAGE_BYTES ? { hash: textHash(message), content: message } : null,
  };
}

/** When a failure stands in the order of records. */
export function momentOfFailure({ endedAt, occurredAt }: Failure): bigint {
  return endedAt > occurredAt ? endedAt : occurredAt;
}

function storedStack({ stackText, message, type }: Failure): StoredTexts['stack'] {
  const { template, form, cuts, kinship } = cutStackText(stackText, message);
  const headless = !namesError(stackText, message.length > 0 ? message : nameOf(type));
  return { hash: textHash(template, kinship), content: template, form, cuts, headless };
}

function namesError(stackText: Buffer, name: Buffer): boolean {
  return name.length === 0 || findBytes(stackText, name) !== -1;
}

/** The last part of a type's name: runtimes write it with or without what stands before it. */
function nameOf(type: Buffer): Buffer {
  const text = type.toString();
  return Buffer.from(
    text.slice(
      Math.max(...['.', ':', '*', '/', '\\', '$'].map((mark) => text.lastIndexOf(mark))) + 1,
    ),
  );
}

/**
 * Appends the record of a failure.
 *
 * @param runSpan its span, where this row speaks for it as well
 */
export function writeFailure(
  rows: RowBinaryBuffer,
  failure: Failure,
  runSpan: RunSpan | undefined,
  { stack, message }: StoredTexts,
  expiry: Expiry,
): void {
  const at = momentOfFailure(failure);
  writeRow(rows, recordColumns, {
    ...placeOf(failure, at),
    ...expiry,
    runId: runSpan ? namedRunId(runSpan) : failure.runId,
    occurredBefore: at - failure.occurredAt,
    namesRun: runSpan !== undefined,
    status: runSpan?.status ?? failure.status,
    source: failure.source,
    handled: failure.handled,
    outcome: failure.outcome,
    headless: stack?.headless ?? false,
    cutUpstream: failure.cutUpstream,
    droppedEvents: failure.droppedEvents,
    errorType: failure.type,
    message: failure.message.subarray(0, ROW_MESSAGE_BYTES),
    messageBytes: failure.message.length,
    messageHash: message?.hash ?? NONE,
    textHash: stack?.hash ?? NONE,
    templateForm: stack?.form ?? NONE,
    cuts: stack?.cuts ?? NO_CUTS,
  });
}

/** Appends the record of a span that names a run and has no failure, or none that speaks for it. */
export function writeRunSpan(rows: RowBinaryBuffer, runSpan: RunSpan, expiry: Expiry): void {
  writeRow(rows, recordColumns, {
    ...placeOf(runSpan, runSpan.endedAt),
    ...expiry,
    runId: namedRunId(runSpan),
    occurredBefore: 0n,
    namesRun: true,
    status: runSpan.status,
    source: 0,
    handled: false,
    outcome: false,
    headless: false,
    cutUpstream: false,
    droppedEvents: 0,
    errorType: NONE,
    message: NONE,
    messageBytes: 0,
    messageHash: NONE,
    textHash: NONE,
    templateForm: NONE,
    cuts: NO_CUTS,
  });
}

function placeOf({ startedAt, endedAt, ...context }: SpanContext, at: bigint) {
  return { ...context, at, endedBefore: at - endedAt, startedBefore: at - startedAt };
}

/** The id of a span's run; none where that is its trace's own, which names nothing. */
export function namedRunId({ runId, traceId }: RunSpan): Buffer {
  return runId.toString('latin1') === traceId.toString('hex') ? NONE : runId;
}

/** A row of the keys, but for when it goes. */
export interface RecordKey {
  key: number;
  namespace: Buffer;
  service: Buffer;
  /** The key of the run's trace, or zero. */
  traceKey: number;
  second: number;
}

const NANOSECONDS = 1_000_000_000n;

/** What leads to a record: the key of its trace. */
export function keyOfTrace({ traceId, namespace, service }: SpanContext, at: bigint): RecordKey {
  const second = Number(at / NANOSECONDS);
  return { key: traceKey(traceId), namespace, service, traceKey: 0, second };
}

export function writeKey(rows: RowBinaryBuffer, key: RecordKey, droppedAt: number): void {
  writeRow(rows, recordKeyColumns, { ...key, droppedAt });
}

/** Appends the rows of a text, one for each chunk; `expiresAt` in seconds since the Unix epoch. */
export function writeText(rows: RowBinaryBuffer, text: StoredText, expiresAt: number): void {
  for (const [chunk, content] of chunksOf(text.content).entries()) {
    writeRow(rows, stackTextColumns, { textHash: text.hash, chunk, content, expiresAt });
  }
}
