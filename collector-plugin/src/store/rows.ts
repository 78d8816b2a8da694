import type { Failure, RunSpan } from '../extract/failure.ts';
import {
  columnNames,
  failureColumns,
  runSpanColumns,
  stackTextColumns,
  writeRow,
} from './columns.ts';
import type { RowBinaryBuffer } from './row-binary-buffer.ts';
import { cutStackText } from './cut-stack-text.ts';
import type { CutStackText } from './cuts.ts';
import { ROW_MESSAGE_BYTES, tables } from './schema.ts';
import { chunksOf, textHash } from './stack-text.ts';

/** The columns of each INSERT, in the order in which the functions below write them. */
export const columns = {
  [tables.failures]: columnNames(failureColumns),
  [tables.runSpans]: columnNames(runSpanColumns),
  [tables.stackTexts]: columnNames(stackTextColumns),
} as const;

const NONE = Buffer.alloc(0);
const NO_CUTS = { bytes: NONE, bounds: [] };

/** Bytes that are kept apart from the row that needs them, in chunks, under their hash. */
export interface StoredText {
  hash: Buffer;
  content: Buffer;
}

/** What of a failure is kept apart from its row. */
export interface StoredTexts {
  /** The stack text without what varies; null for a failure without one. */
  stack: (StoredText & Pick<CutStackText, 'form' | 'cuts'>) | null;
  /** The whole message, where it is too long for the row; else null. */
  message: StoredText | null;
}

/** Finds what of a failure is to be kept apart, and under which hash. */
export function storedTexts({ stackText, message }: Failure): StoredTexts {
  return {
    stack: stackText.length === 0 ? null : storedStack(cutStackText(stackText, message)),
    message:
      message.length > ROW_MESSAGE_BYTES ? { hash: textHash(message), content: message } : null,
  };
}

function storedStack({ template, form, cuts, kinship }: CutStackText): StoredTexts['stack'] {
  return { hash: textHash(template, kinship), content: template, form, cuts };
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
    templateForm: stack?.form ?? NONE,
    cuts: stack?.cuts ?? NO_CUTS,
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
