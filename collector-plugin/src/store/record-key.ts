import { hash } from 'node:crypto';

/*
 * Keys have four bytes, not the sixteen to forty of the ids that they stand for: sorted, they take two of
 * them on disk. Two ids may share a key, so whatever is found by one is held against the id itself.
 */

/** The key of a run id: of a hash, as senders choose ids, and many begin alike. */
export function runKey(runId: string | Uint8Array): number {
  return hash('sha256', runId, 'buffer').readUInt32LE();
}

const TRACE_KEY_OFFSET = 12;

/**
 * The key of a trace: its last bytes, which are random by W3C Trace Context Level 2 where the first ones
 * may be a time. {@link traceKeySql} says the same.
 *
 * @param traceId 16 bytes
 */
export function traceKey(traceId: Buffer): number {
  return traceId.readUInt32LE(TRACE_KEY_OFFSET);
}

/** SQL for the key of a row's `trace_id`. */
export const traceKeySql = `reinterpretAsUInt32(substring(trace_id, ${TRACE_KEY_OFFSET + 1}, 4))`;
