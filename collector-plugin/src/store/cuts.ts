import { copyBytes } from './copy-bytes.ts';
import { PackedHoles } from './holes.ts';
import type { Slices } from './row-binary-buffer.ts';

/** A row stays narrow: no more holes, and no more bytes of what was cut out. */
const MOST_HOLES = 128;
const MOST_CUT_BYTES = 2_048;
/**
 * A short text has fewer: a hole takes 4 bytes in the row and a value 2, and a sender could else make
 * rows several times as long as what was sent.
 */
const FEWEST_HOLES = 8;
const TEXT_BYTES_OF_A_HOLE = 32;

const NO_HOLES = Buffer.alloc(0);

/** A stack text without what varies in it from failure to failure. */
export interface CutStackText {
  /** The text with everything left out that was cut. */
  template: Buffer;
  /** Where something was cut out, in order, packed. */
  holes: Buffer;
  /** What was cut out besides the message, in order. */
  cuts: Slices;
}

/** Gathers what is cut out of one text, from its beginning to its end. */
export class Cuts {
  readonly #text: Buffer;
  readonly #mostHoles: number;
  readonly #holes = new PackedHoles();
  #holeCount = 0;
  readonly #values: number[] = [];
  #valueBytes = 0;
  readonly #kept: number[] = [];
  #keptBytes = 0;
  #keptFrom = 0;

  constructor(text: Buffer) {
    this.#text = text;
    this.#mostHoles = Math.min(
      MOST_HOLES,
      FEWEST_HOLES + Math.floor(text.length / TEXT_BYTES_OF_A_HOLE),
    );
  }

  /** Cuts a value out; false when nothing more may be cut. Values come in ascending order. */
  add(from: number, to: number): boolean {
    if (this.isFull) return false;
    // Another one may still be short enough.
    if (this.#valueBytes + to - from > MOST_CUT_BYTES) return true;
    this.#valueBytes += to - from;
    this.#keepUntil(from, to);
    this.#holes.value(this.#keptBytes);
    this.#values.push(from, to);
    return true;
  }

  /** Cuts the message out, as {@link add}. */
  addMessage(from: number, to: number): boolean {
    if (this.isFull) return false;
    this.#keepUntil(from, to);
    this.#holes.message(this.#keptBytes);
    return true;
  }

  /** Cuts a word of the message out, as {@link add}; by its index among those of the message. */
  addMessageWord(from: number, to: number, index: number): boolean {
    if (this.isFull) return false;
    this.#keepUntil(from, to);
    this.#holes.messageWord(this.#keptBytes, index);
    return true;
  }

  get isFull(): boolean {
    return this.#holeCount >= this.#mostHoles;
  }

  #keepUntil(from: number, to: number): void {
    this.#kept.push(this.#keptFrom, from);
    this.#keptBytes += from - this.#keptFrom;
    this.#keptFrom = to;
    this.#holeCount += 1;
  }

  /** The text without what was cut out of it; the text itself where that is nothing. */
  result(): CutStackText {
    const text = this.#text;
    const cuts = { bytes: text, bounds: this.#values };
    if (this.#holeCount === 0) return { template: text, holes: NO_HOLES, cuts };
    const template = Buffer.allocUnsafe(this.#keptBytes + text.length - this.#keptFrom);
    let written = 0;
    for (let index = 0; index < this.#kept.length; index += 2) {
      const from = this.#kept[index] ?? 0;
      const to = this.#kept[index + 1] ?? 0;
      copyBytes(text, from, to, template, written);
      written += to - from;
    }
    text.copy(template, written, this.#keptFrom);
    return { template, holes: this.#holes.toBuffer(), cuts };
  }
}
