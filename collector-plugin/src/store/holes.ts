import { type MessageWord, messageWords } from './message-words.ts';

/*
 * A stack text is stored as a template: what varies from failure to failure is cut out of it. Where
 * something was cut out is a hole, given as its offset in the template, so that all failures of a
 * template have the same holes, which then take next to no room.
 *
 * Packed, a hole is its distance from the one before, doubled, as a varint. Where it is filled by the
 * row's next cut value that is all; else 1 is added, and a byte says by what: 0 for the message, n for
 * its n-th word.
 */

const MESSAGE = 0;

/** Packs holes, one after the other. */
export class PackedHoles {
  readonly #bytes: number[] = [];
  #last = 0;

  value(templateOffset: number): void {
    this.#pack(templateOffset, 0);
  }

  message(templateOffset: number): void {
    this.#pack(templateOffset, 1);
    this.#bytes.push(MESSAGE);
  }

  /** @param index of the word among {@link messageWords}, from 0 */
  messageWord(templateOffset: number, index: number): void {
    this.#pack(templateOffset, 1);
    this.#bytes.push(index + 1);
  }

  toBuffer(): Buffer {
    return Buffer.from(this.#bytes);
  }

  #pack(templateOffset: number, mark: 0 | 1): void {
    let rest = (templateOffset - this.#last) * 2 + mark;
    this.#last = templateOffset;
    while (rest >= 128) {
      this.#bytes.push((rest % 128) | 128);
      rest = Math.floor(rest / 128);
    }
    this.#bytes.push(rest);
  }
}

/** A place in a template, and what belongs there. */
export interface FilledHole {
  /** Its byte offset in the template. Several may have the same. */
  offset: number;
  /** Undefined for the message, which may be too long to be held. */
  content: Uint8Array | undefined;
}

/** What a row says of its stack text. */
export interface PackedText {
  holes: Uint8Array;
  cuts: readonly Uint8Array[];
  /** The message, or the beginning of one that is too long to have words. */
  message: Uint8Array;
}

/**
 * The holes of a template, in order, each with what belongs there.
 *
 * @throws RangeError where the row is not what a writer makes
 */
export function filledHoles({ holes, cuts, message }: PackedText): FilledHole[] {
  const filled: FilledHole[] = [];
  let words: readonly MessageWord[] | undefined;
  let nextCut = 0;
  let offset = 0;
  let at = 0;
  const byte = () => holes[at++] ?? fail();
  while (at < holes.length) {
    let number = 0;
    for (let scale = 1; ; scale *= 128) {
      const part = byte();
      number += (part & 127) * scale;
      if (part < 128) break;
    }
    offset += Math.floor(number / 2);
    if (number % 2 === 0) {
      filled.push({ offset, content: cuts[nextCut++] ?? fail() });
      continue;
    }
    const filler = byte();
    if (filler === MESSAGE) {
      filled.push({ offset, content: undefined });
      continue;
    }
    words ??= messageWords(message);
    const word = words[filler - 1] ?? fail();
    filled.push({ offset, content: message.subarray(word.from, word.to) });
  }
  return nextCut === cuts.length ? filled : fail();
}

function fail(): never {
  throw new RangeError('The holes of a stack text and what was cut out of it do not fit together');
}
