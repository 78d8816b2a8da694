import { copyBytes } from './copy-bytes.ts';
import { TemplateForm } from './template-form.ts';
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

/** A stack text without what varies in it from failure to failure. */
export interface CutStackText {
  /** The text with everything left out that was cut. */
  template: Buffer;
  /** The length of the template and where something was cut out. */
  form: Buffer;
  /** What was cut out besides the message, in order. */
  cuts: Slices;
  /** 16 bits that texts from the same place in the code have in common. */
  kinship: number;
}

/** Gathers what is cut out of one text, from its beginning to its end. */
export class Cuts {
  readonly #text: Buffer;
  readonly #mostHoles: number;
  readonly #form = new TemplateForm();
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
    this.#form.value(this.#keptBytes);
    this.#values.push(from, to);
    return true;
  }

  /** Cuts the message out, as {@link add}. */
  addMessage(from: number, to: number): boolean {
    if (this.isFull) return false;
    this.#keepUntil(from, to);
    this.#form.message(this.#keptBytes);
    return true;
  }

  /** Cuts a word of the message out, as {@link add}; by its index among those of the message. */
  addMessageWord(from: number, to: number, index: number): boolean {
    if (this.isFull) return false;
    this.#keepUntil(from, to);
    this.#form.messageWord(this.#keptBytes, index);
    return true;
  }

  get isFull(): boolean {
    return this.#holeCount >= this.#mostHoles;
  }

  /** Where in the template a byte of the text will stand that is not cut. */
  templateOffset(at: number): number {
    return this.#keptBytes + at - this.#keptFrom;
  }

  #keepUntil(from: number, to: number): void {
    this.#kept.push(this.#keptFrom, from);
    this.#keptBytes += from - this.#keptFrom;
    this.#keptFrom = to;
    this.#holeCount += 1;
  }

  /** The text without what was cut out of it; the text itself where that is nothing. */
  result(): Omit<CutStackText, 'kinship'> {
    const text = this.#text;
    const cuts = { bytes: text, bounds: this.#values };
    if (this.#holeCount === 0)
      return { template: text, form: this.#form.packed(text.length), cuts };
    const template = Buffer.allocUnsafe(this.#keptBytes + text.length - this.#keptFrom);
    let written = 0;
    for (let index = 0; index < this.#kept.length; index += 2) {
      const from = this.#kept[index] ?? 0;
      const to = this.#kept[index + 1] ?? 0;
      copyBytes(text, from, to, template, written);
      written += to - from;
    }
    text.copy(template, written, this.#keptFrom);
    return { template, form: this.#form.packed(template.length), cuts };
  }
}
