import { StorageUnavailable } from '../errors.ts';

/** Bytes, in pieces that may have to be waited for. */
export type Pieces = Iterable<Uint8Array> | AsyncIterable<Uint8Array>;

/** A message that may be too long to be held. */
export interface MessageSource {
  bytes: number;
  /** Starts it from its beginning; called once for each place at which it stands. */
  open(): Pieces;
}

/** How a stack text and its message, stored apart, fit together. */
export interface Splice {
  message: MessageSource;
  /** Ascending offsets in the whole text at which the message stands. */
  offsets: readonly number[];
  /** Bytes of the whole text. */
  bytes: number;
}

/**
 * Puts the message back into its stack text, byte for byte, while the text streams by. Holds no
 * more than two chunks in memory.
 *
 * The whole must come to exactly the recorded number of bytes, with each message at its recorded
 * offset. The last piece is passed on only when it is certain that nothing follows: with it a
 * client has all the bytes that were announced, and would not notice an error any more.
 *
 * @param chunks the text without its message, cut anywhere
 * @throws StorageUnavailable the stored text is shorter or longer than was recorded
 */
export async function* spliceMessage(
  chunks: Pieces,
  splice: Splice,
): AsyncGenerator<Uint8Array, void, undefined> {
  let held: Uint8Array | undefined;
  for await (const piece of pieces(chunks, splice)) {
    if (held) yield held;
    held = piece;
  }
  if (held) yield held;
}

async function* pieces(
  chunks: Pieces,
  { message, offsets, bytes }: Splice,
): AsyncGenerator<Uint8Array, void, undefined> {
  let written = 0;
  let nextOffset = 0;

  async function* messagesDue(): AsyncGenerator<Uint8Array> {
    while (offsets[nextOffset] === written && written + message.bytes <= bytes) {
      nextOffset += 1;
      const end = written + message.bytes;
      for await (const piece of message.open()) {
        written += piece.length;
        if (written > end) throw new StorageUnavailable('The stored message is too long.');
        yield piece;
      }
      if (written < end) throw new StorageUnavailable('The stored message is incomplete.');
    }
  }

  for await (const chunk of chunks) {
    let rest = chunk;
    while (rest.length > 0) {
      yield* messagesDue();
      const untilMessage = Math.min(offsets[nextOffset] ?? bytes, bytes) - written;
      if (untilMessage <= 0) throw new StorageUnavailable('The stored text is too long.');
      const part = rest.subarray(0, untilMessage);
      rest = rest.subarray(untilMessage);
      written += part.length;
      yield part;
    }
  }
  yield* messagesDue();
  if (written !== bytes || nextOffset < offsets.length) {
    throw new StorageUnavailable('The stored text is incomplete.');
  }
}
