import { constants, gunzipSync, zstdDecompressSync } from 'node:zlib';
import { MalformedBodyError } from '../errors.ts';
import { zstdFrames } from './zstd-frames.ts';

/** What a body may be packed with, by the names of HTTP's `Content-Encoding`. */
export const CONTENT_CODINGS = ['identity', 'gzip', 'zstd'] as const;
export type ContentCoding = (typeof CONTENT_CODINGS)[number];

/** In chunks of 256 KB gunzipping takes half the time that it takes in the default 16 KB. */
const LEAST_CHUNK_BYTES = 256 * 1024;

/**
 * How far back a zstd frame may refer, as the power of two: what it needs beside its content, while it is
 * unpacked. 32 MiB is what a Collector uses at its highest level; zstd allows terabytes.
 */
const MOST_WINDOW_LOG = 25;

const unpackers: Record<ContentCoding, (packed: Buffer, maxBytes: number) => Buffer | undefined> = {
  identity: (packed) => packed,
  gzip: gunzip,
  zstd: unzstd,
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

/*
 * Both at once: in the thread pool the same work took twice as long, and this thread is for it. Both into one
 * buffer, of the length that the body states, where otherwise the pieces and the whole stood in memory together:
 * 40 MB for a body of 20 MB. Of 3.76 MB, gzip takes 3.3 ms and zstd 0.95. A buffer that is kept for the next body
 * would gain nothing, and Node has no way to name one.
 */

function gunzip(packed: Buffer, maxBytes: number): Buffer | undefined {
  const chunkSize = Math.max(LEAST_CHUNK_BYTES, Math.min(statedLength(packed), maxBytes) + 1);
  return bounded('gzip', () => gunzipSync(packed, { chunkSize, maxOutputLength: maxBytes }));
}

/**
 * The length that gzip's trailer states (RFC 1952, ISIZE). Whether it is true shows when the body is
 * unpacked.
 */
function statedLength(packed: Buffer): number {
  return packed.length < 4 ? 0 : packed.readUInt32LE(packed.length - 4);
}

function unzstd(packed: Buffer, maxBytes: number): Buffer | undefined {
  const contents: Buffer[] = [];
  let left = maxBytes;
  for (const { start, end, mostBytes } of zstdFrames(packed)) {
    const frame = packed.subarray(start, end);
    const content = bounded('zstd', () =>
      zstdDecompressSync(frame, {
        // Zstandard then writes into it, without a window of its own, where the frame states its length.
        chunkSize: Math.max(LEAST_ZSTD_CHUNK_BYTES, Math.min(mostBytes, left) + 1),
        // It may not be 0, and a frame of nothing may follow when there is no room left.
        maxOutputLength: Math.max(1, left),
        params: { [constants.ZSTD_d_windowLogMax]: MOST_WINDOW_LOG },
      }),
    );
    if (!content || content.length > left) return undefined;
    left -= content.length;
    contents.push(content);
  }
  const [only] = contents;
  return contents.length === 1 ? only : Buffer.concat(contents);
}

/** Node wants no smaller one. */
const LEAST_ZSTD_CHUNK_BYTES = 64;

/** @returns undefined when more came out than may */
function bounded(coding: ContentCoding, run: () => Buffer): Buffer | undefined {
  try {
    return run();
  } catch (cause) {
    const { code = '', message } = cause as NodeJS.ErrnoException;
    if (code === 'ERR_BUFFER_TOO_LARGE') return undefined;
    if (!/^Z(STD)?_/.test(code)) throw cause;
    throw new MalformedBodyError(`The body is not ${coding}: ${message}.`, { cause });
  }
}
