import { hash } from 'node:crypto';
import { crc32 } from 'node:zlib';

/*
 * Keys have four bytes, not the sixteen to forty of the ids that they stand for: sorted, they take two of
 * them on disk. Two ids may share a key, so whatever is found by one is held against the id itself.
 */

/** The key of a run id: of a hash, as senders choose ids, and many begin alike. */
export function runKey(runId: string | Uint8Array): number {
  return hash('sha256', runId, 'buffer').readUInt32LE();
}

/**
 * The key of a trace, never zero: of a checksum of all its bytes, since senders fill some of them with a
 * time, a counter or zeros. {@link traceKeySql} says the same.
 *
 * @param traceId 16 bytes
 */
export function traceKey(traceId: Buffer): number {
  return Math.max(crc32(traceId), 1);
}

/** SQL for the key of a row's `trace_id`. */
export const traceKeySql = 'greatest(CRC32(trace_id), 1)';
