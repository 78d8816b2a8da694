import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { constants, createGzip } from 'node:zlib';

/**
 * Compresses a stream as it flows. Every chunk is flushed, so that the first bytes of a large text
 * leave at once; chunks are large enough for that to cost little. An error of the source comes out
 * as it is, without the trailer that would make the compressed stream look complete.
 */
export async function* gzip(
  source: AsyncIterable<Uint8Array>,
): AsyncGenerator<Uint8Array, void, undefined> {
  const compressor = createGzip({ flush: constants.Z_SYNC_FLUSH });
  const fed = pipeline(Readable.from(source, { highWaterMark: 1 }), compressor);
  // The same error comes out of the compressor below; unheard here, it would end the process.
  fed.catch(() => undefined);
  yield* compressor;
  await fed;
}
