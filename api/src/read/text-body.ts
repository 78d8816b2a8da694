import { on } from 'node:events';
import type { Readable } from 'node:stream';
import { StorageUnavailable } from '../errors.ts';
import { requireOwnMemory } from '../large-reads.ts';

/** Milliseconds that ClickHouse may take for the next bytes of a text. */
const STALL_MS = 30_000;

/**
 * The pieces of a text as ClickHouse answers them, and nothing that is not text. Destroys the stream
 * when nobody reads on.
 *
 * By the stream's events, because its own iterator copies together what has piled up.
 *
 * @param tag of the response's header `X-ClickHouse-Exception-Tag`; empty where it has none
 * @param stallMs milliseconds that the next piece may take. The time that the reader takes does not count
 * @throws StorageUnavailable ClickHouse failed in mid-text, or no more came for too long
 */
export async function* textBody(
  stream: Readable,
  tag: string,
  stallMs: number = STALL_MS,
): AsyncGenerator<Buffer, void, undefined> {
  const failed = createExceptionDetector(tag);
  let waiting = true;
  // One timer for all pieces. It also goes off while a reader is slow, and means nothing then.
  const stalled = setTimeout(() => {
    if (waiting) stream.destroy(new StorageUnavailable('The storage stalled in mid-text.'));
  }, stallMs);
  try {
    for await (const [piece] of on(stream, 'data', whenRead)) {
      waiting = false;
      if (failed(requireOwnMemory(piece as Buffer))) {
        throw new StorageUnavailable('The storage failed in mid-text.');
      }
      yield piece as Buffer;
      waiting = true;
      stalled.refresh();
    }
  } finally {
    clearTimeout(stalled);
    stream.destroy();
  }
}

/** The stream is paused when two pieces wait for a reader, and goes on when none does. */
const whenRead = { close: ['end', 'close'], highWaterMark: 1, lowWaterMark: 1 };

/**
 * ClickHouse appends an error that happens in mid-answer to the body. A tag from the response's headers,
 * new for each response, tells that block from data. It stands on a line of its own, and a line break
 * is looked for faster than the words around it: a text in which every name has two underscores took
 * 52 ms for 100 MB by those, and takes 1.5.
 *
 * @see https://clickhouse.com/docs/interfaces/http#http_response_codes_caveats
 */
function createExceptionDetector(tag: string): (piece: Buffer) => boolean {
  const mark = Buffer.from(`\r\n${tag}`);
  let tail: Buffer = Buffer.alloc(0);
  return (piece) => {
    if (tag === '') return false;
    const seam = Buffer.concat([tail, piece.subarray(0, mark.length)]);
    tail = Buffer.concat([tail, piece.subarray(-mark.length)]).subarray(-mark.length);
    return piece.includes(mark) || seam.includes(mark);
  };
}
