import { hash } from 'node:crypto';
import type { Failure, RunSpan, SpanContext } from '../extract/failure.ts';
import { RowBinaryBuffer } from './row-binary.ts';
import { tables } from './schema.ts';
import { chunksOf, cutMessage, textHash } from './stack-text.ts';

/* The columns of each insert, in the order in which the functions below write them. */
const spanColumns = [
  'trace_id',
  'span_id',
  'parent_span_id',
  'run_id',
  'namespace',
  'service',
  'span_name',
];
export const columns = {
  [tables.failures]: [
    ...spanColumns,
    'span_started_at',
    'span_ended_at',
    'occurred_at',
    'handled',
    'source',
    'error_type',
    'error_message',
    'text_hash',
    'text_bytes',
    'message_offsets',
    'fingerprint',
    'expires_at',
  ],
  [tables.runSpans]: [
    ...spanColumns,
    'started_at',
    'ended_at',
    'status',
    'status_message',
    'expires_at',
  ],
  [tables.stackTexts]: ['text_hash', 'chunk', 'content', 'expires_at'],
} as const;

const NO_TEXT_HASH = Buffer.alloc(16);

/** A failure's stack text as it is stored; null for a failure without one. */
export interface StoredText {
  hash: Buffer;
  template: Buffer;
  messageOffsets: number[];
}

/** Finds what of a failure's stack text is to be stored, and under which hash. */
export function storedText(failure: Failure): StoredText | null {
  if (failure.stackText.length === 0) return null;
  const { template, messageOffsets } = cutMessage(failure.stackText, failure.message);
  return { hash: textHash(template), template, messageOffsets };
}

/** Appends the row of a failure; `expiresAt` in seconds since the Unix epoch. */
export function writeFailure(
  rows: RowBinaryBuffer,
  failure: Failure,
  text: StoredText | null,
  expiresAt: number,
): void {
  writeSpanContext(rows, failure);
  rows.dateTime64(failure.startedAt);
  rows.dateTime64(failure.endedAt);
  rows.dateTime64(failure.occurredAt);
  rows.uint8(failure.handled ? 1 : 0);
  rows.uint8(failure.source);
  rows.string(failure.type);
  rows.string(failure.message);
  rows.fixedString(text?.hash ?? NO_TEXT_HASH, 16);
  rows.uint64(BigInt(failure.stackText.length));
  rows.uint64Array(text?.messageOffsets ?? []);
  rows.uint64(fingerprint(failure, text));
  rows.uint32(expiresAt);
  rows.endRow();
}

/** Appends the row of a run span; `expiresAt` in seconds since the Unix epoch. */
export function writeRunSpan(rows: RowBinaryBuffer, runSpan: RunSpan, expiresAt: number): void {
  writeSpanContext(rows, runSpan);
  rows.dateTime64(runSpan.startedAt);
  rows.dateTime64(runSpan.endedAt);
  rows.uint8(runSpan.status);
  rows.string(runSpan.statusMessage);
  rows.uint32(expiresAt);
  rows.endRow();
}

/** Appends the rows of a stack text, one for each chunk; `expiresAt` as above. */
export function writeStackText(rows: RowBinaryBuffer, text: StoredText, expiresAt: number): void {
  for (const [index, chunk] of chunksOf(text.template).entries()) {
    rows.fixedString(text.hash, 16);
    rows.uint32(index);
    rows.string(chunk);
    rows.uint32(expiresAt);
    rows.endRow();
  }
}

function writeSpanContext(rows: RowBinaryBuffer, span: SpanContext): void {
  rows.fixedString(span.traceId, 16);
  rows.fixedString(span.spanId, 8);
  rows.fixedString(span.parentSpanId, 8);
  rows.string(span.runId);
  rows.string(span.namespace);
  rows.string(span.service);
  rows.string(span.spanName);
}

/**
 * The same for failures of the same kind at the same place: the exception's type and its stack text
 * without the message. Without a stack text the message has to tell them apart.
 */
function fingerprint(failure: Failure, text: StoredText | null): bigint {
  const place = text ? text.hash : failure.message;
  return hash(
    'sha256',
    Buffer.concat([failure.type, SEPARATOR, place]),
    'buffer',
  ).readBigUInt64LE();
}

const SEPARATOR = Buffer.from([0]);
