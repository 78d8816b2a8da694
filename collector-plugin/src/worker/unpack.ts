import { gunzipSync } from 'node:zlib';
import { MalformedBodyError } from '../errors.ts';

/** What a body may be packed with, by the names of HTTP's `Content-Encoding`. */
export const CONTENT_CODINGS = ['identity', 'gzip'] as const;
export type ContentCoding = (typeof CONTENT_CODINGS)[number];

/** In chunks of 256 KB gunzipping takes half the time that it takes in the default 16 KB. */
const LEAST_CHUNK_BYTES = 256 * 1024;

const unpackers: Record<ContentCoding, (packed: Buffer, maxBytes: number) => Buffer | undefined> = {
  identity: (packed) => packed,
  gzip: gunzip,
};

/**
 * Undoes a body's content coding.
 *
 * @returns undefined when more than `maxBytes` came out; it stops there, however much is left
 * @throws MalformedBodyError the body is not packed so
 */
export function unpack(
  coding: ContentCoding,
  packed: Buffer,
  maxBytes: number,
): Buffer | undefined {
  return unpackers[coding](packed, maxBytes);
}

/** Synchronous: in the thread pool the same work took twice as long, and this thread is for it. */
function gunzip(packed: Buffer, maxBytes: number): Buffer | undefined {
  try {
    return gunzipSync(packed, {
      chunkSize: Math.max(LEAST_CHUNK_BYTES, Math.min(statedLength(packed), maxBytes) + 1),
      maxOutputLength: maxBytes,
    });
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException;
    if (code === 'ERR_BUFFER_TOO_LARGE') return undefined;
    throw new MalformedBodyError(`The body is not gzip: ${message}.`, { cause });
  }
}

/**
 * The length that gzip's trailer states (RFC 1952, ISIZE). Whether it is true shows when the body is
 * unpacked; when it is, all goes into one buffer, where otherwise the pieces and the whole stood in
 * memory together: 40 MB for a body of 20 MB.
 */
function statedLength(packed: Buffer): number {
  return packed.length < 4 ? 0 : packed.readUInt32LE(packed.length - 4);
}
