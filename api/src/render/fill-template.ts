import { STACK_TEXT_CHUNK_BYTES } from '@failtrace/collector-plugin/schema';
import type { FilledForm } from '@failtrace/collector-plugin/schema';
import { StorageUnavailable } from '../errors.ts';

/** Bytes, in pieces that may have to be waited for. */
export type Pieces = Iterable<Uint8Array> | AsyncIterable<Uint8Array>;

/** A message that may be too long to be held. */
export interface MessageSource {
  bytes: number;
  /** Starts it from its beginning; called once for each place at which it stands. */
  open(): Pieces;
}

/** How a template and what was cut out of it, stored apart, fit together. */
export interface Filling extends FilledForm {
  message: MessageSource;
}

/**
 * Fills the holes of a template, byte for byte, while it streams by. Holds no more than two chunks and
 * what belongs into their holes in memory.
 *
 * Template and messages must come to exactly what was recorded. The last piece is passed on only
 * when it is certain that nothing follows: with it a client has all the bytes that were announced, and
 * would not notice an error any more.
 *
 * @param chunks the template, cut anywhere
 * @throws StorageUnavailable what is stored is shorter or longer than was recorded
 */
export async function* fillTemplate(
  chunks: Pieces,
  filling: Filling,
): AsyncGenerator<Uint8Array, void, undefined> {
  let held: Uint8Array | undefined;
  for await (const piece of pieces(chunks, filling)) {
    if (held) yield held;
    held = piece;
  }
  if (held) yield held;
}

async function* pieces(
  chunks: Pieces,
  { templateBytes, holes, message }: Filling,
): AsyncGenerator<Uint8Array, void, undefined> {
  let taken = 0;
  let nextHole = 0;
  // A text has dozens of holes: what is small is passed on in one piece.
  const small = gathered();

  async function* fillDue(): AsyncGenerator<Uint8Array> {
    for (let hole = holes[nextHole]; hole !== undefined; hole = holes[nextHole]) {
      if (hole.offset !== taken) return;
      nextHole += 1;
      if (hole.content !== undefined) {
        yield* small.add(hole.content);
        continue;
      }
      let written = 0;
      for await (const piece of message.open()) {
        written += piece.length;
        if (written > message.bytes)
          throw new StorageUnavailable('The stored message is too long.');
        yield* small.add(piece);
      }
      if (written < message.bytes) {
        throw new StorageUnavailable('The stored message is incomplete.');
      }
    }
  }

  for await (const chunk of chunks) {
    let rest = chunk;
    while (rest.length > 0) {
      yield* fillDue();
      const end = Math.min(holes[nextHole]?.offset ?? templateBytes, templateBytes);
      if (end <= taken) throw new StorageUnavailable('The stored text is too long.');
      const part = rest.subarray(0, end - taken);
      rest = rest.subarray(part.length);
      taken += part.length;
      yield* small.add(part);
    }
    yield* small.rest();
  }
  yield* fillDue();
  if (taken !== templateBytes || nextHole < holes.length) {
    throw new StorageUnavailable('The stored text is incomplete.');
  }
  yield* small.rest();
}

/** Puts small pieces together; one of a chunk's size goes through as it is. */
function gathered() {
  let waiting: Uint8Array[] = [];
  let bytes = 0;

  function* rest(): Generator<Uint8Array> {
    if (bytes > 0) yield waiting.length === 1 ? (waiting[0] ?? empty) : Buffer.concat(waiting);
    waiting = [];
    bytes = 0;
  }

  function* add(piece: Uint8Array): Generator<Uint8Array> {
    if (piece.length === 0) return;
    if (bytes + piece.length > STACK_TEXT_CHUNK_BYTES) yield* rest();
    waiting.push(piece);
    bytes += piece.length;
  }

  return { add, rest };
}

const empty = new Uint8Array();
