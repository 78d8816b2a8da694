import { type MessageWord, messageWords } from './message-words.ts';

/*
 * A stack text is stored as a template: what varies from failure to failure is cut out of it. Where
 * something was cut out is a hole, given as its offset in the template, so that all failures of a
 * template have the same holes. Its length and its holes are the template's form. It stands in each row,
 * and takes little room, because it is the same for all failures of a template.
 *
 * The form is a series of varints: the bytes of the template, and for each hole its distance from the
 * one before, doubled. Where a hole is filled by the row's next cut value that is all; else 1 is added,
 * and a byte says by what: 0 for the message, n for its n-th word.
 */

const MESSAGE = 0;

/** Gathers the holes of a template, one after the other. */
export class TemplateForm {
  readonly #holes: number[] = [];
  #last = 0;

  value(templateOffset: number): void {
    this.#add(templateOffset, 0);
  }

  message(templateOffset: number): void {
    this.#add(templateOffset, 1);
    this.#holes.push(MESSAGE);
  }

  /** @param index of the word among {@link messageWords}, from 0 */
  messageWord(templateOffset: number, index: number): void {
    this.#add(templateOffset, 1);
    this.#holes.push(index + 1);
  }

  /** The form, as it is stored. */
  packed(templateBytes: number): Buffer {
    const length: number[] = [];
    pushVarint(length, templateBytes);
    return Buffer.from(length.concat(this.#holes));
  }

  #add(templateOffset: number, mark: 0 | 1): void {
    pushVarint(this.#holes, (templateOffset - this.#last) * 2 + mark);
    this.#last = templateOffset;
  }
}

function pushVarint(bytes: number[], value: number): void {
  let rest = value;
  while (rest >= 128) {
    bytes.push((rest % 128) | 128);
    rest = Math.floor(rest / 128);
  }
  bytes.push(rest);
}

/** A place in a template, and what belongs there. */
export interface FilledHole {
  /** Its byte offset in the template. Several may have the same. */
  offset: number;
  /** Undefined for the message, which may be too long to be held. */
  content: Uint8Array | undefined;
}

/** A template, with all that belongs into it. */
export interface FilledForm {
  templateBytes: number;
  /** In order. */
  holes: FilledHole[];
}

/** What a row says of its stack text. */
export interface PackedText {
  /** Empty where there is no stack text. */
  templateForm: Uint8Array;
  cuts: readonly Uint8Array[];
  /** The message, or the beginning of one that is too long to have words. */
  message: Uint8Array;
}

/**
 * Reads the form of a template.
 *
 * @throws RangeError where the row is not what a writer makes
 */
export function filledForm({ templateForm, cuts, message }: PackedText): FilledForm {
  if (templateForm.length === 0) return { templateBytes: 0, holes: [] };
  const holes: FilledHole[] = [];
  let words: readonly MessageWord[] | undefined;
  let nextCut = 0;
  let offset = 0;
  let at = 0;

  const byte = () => templateForm[at++] ?? fail();
  const varint = () => {
    let value = 0;
    for (let scale = 1; scale < Number.MAX_SAFE_INTEGER; scale *= 128) {
      const part = byte();
      value += (part & 127) * scale;
      if (part < 128) return value;
    }
    return fail();
  };
  const wordOfMessage = (index: number) => {
    words ??= messageWords(message);
    const word = words[index] ?? fail();
    return message.subarray(word.from, word.to);
  };
  const special = () => {
    const filler = byte();
    return filler === MESSAGE ? undefined : wordOfMessage(filler - 1);
  };

  const templateBytes = varint();
  while (at < templateForm.length) {
    const number = varint();
    offset += Math.floor(number / 2);
    holes.push({ offset, content: number % 2 === 0 ? (cuts[nextCut++] ?? fail()) : special() });
  }
  return nextCut === cuts.length ? { templateBytes, holes } : fail();
}

function fail(): never {
  throw new RangeError('The holes of a stack text and what was cut out of it do not fit together');
}
