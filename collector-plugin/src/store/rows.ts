import { hash } from 'node:crypto';
import type { Failure, RunSpan } from '../extract/failure.ts';
import {
  columnNames,
  failureColumns,
  runSpanColumns,
  stackTextColumns,
  writeRow,
} from './columns.ts';
import type { RowBinaryBuffer } from './row-binary-buffer.ts';
import { ROW_MESSAGE_BYTES, tables } from './schema.ts';
import { chunksOf, cutMessage, textHash } from './stack-text.ts';

/** The columns of each INSERT, in the order in which the functions below write them. */
export const columns = {
  [tables.failures]: columnNames(failureColumns),
  [tables.runSpans]: columnNames(runSpanColumns),
  [tables.stackTexts]: columnNames(stackTextColumns),
} as const;

const NONE = Buffer.alloc(0);

/** Bytes that are kept apart from the row that needs them, in chunks, under their hash. */
export interface StoredText {
  hash: Buffer;
  content: Buffer;
}

/** What of a failure is kept apart from its row. */
export interface StoredTexts {
  /** The stack text without its message; null for a failure without one. */
  stack: (StoredText & { messageOffsets: number[] }) | null;
  /** The whole message, where it is too long for the row; else null. */
  message: StoredText | null;
}

/** Finds what of a failure is to be kept apart, and under which hash. */
export function storedTexts({ stackText, message }: Failure): StoredTexts {
  const { template, messageOffsets } = cutMessage(stackText, message);
  return {
    stack:
      stackText.length === 0
        ? null
        : { hash: textHash(template), content: template, messageOffsets },
    message:
      message.length > ROW_MESSAGE_BYTES ? { hash: textHash(message), content: message } : null,
  };
}

/** Appends the row of a failure; `expiresAt` in seconds since the Unix epoch. */
export function writeFailure(
  rows: RowBinaryBuffer,
  failure: Failure,
  { stack, message }: StoredTexts,
  expiresAt: number,
): void {
  writeRow(rows, failureColumns, {
    ...failure,
    spanStartedAt: failure.startedAt,
    spanEndedAt: failure.endedAt,
    errorType: failure.type,
    message: failure.message.subarray(0, ROW_MESSAGE_BYTES),
    messageBytes: failure.message.length,
    messageHash: message?.hash ?? NONE,
    textHash: stack?.hash ?? NONE,
    textBytes: failure.stackText.length,
    messageOffsets: stack?.messageOffsets ?? [],
    fingerprint: fingerprint(failure, stack),
    expiresAt,
  });
}

/** Appends the row of a run span; `expiresAt` in seconds since the Unix epoch. */
export function writeRunSpan(rows: RowBinaryBuffer, runSpan: RunSpan, expiresAt: number): void {
  writeRow(rows, runSpanColumns, { ...runSpan, expiresAt });
}

/** Appends the rows of a text, one for each chunk; `expiresAt` as above. */
export function writeText(rows: RowBinaryBuffer, text: StoredText, expiresAt: number): void {
  for (const [chunk, content] of chunksOf(text.content).entries()) {
    writeRow(rows, stackTextColumns, { textHash: text.hash, chunk, content, expiresAt });
  }
}

/**
 * The same for failures of the same kind at the same place: the exception's type and its stack text
 * without the message. Without a stack text the message has to tell them apart.
 */
function fingerprint({ type, message }: Failure, stack: StoredText | null): bigint {
  const place = stack ? stack.hash : message;
  return hash('sha256', Buffer.concat([type, SEPARATOR, place]), 'buffer').readBigUInt64LE();
}

const SEPARATOR = Buffer.from([0]);
