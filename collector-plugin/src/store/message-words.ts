/** A shorter word of the message costs more than it saves. */
const SHORTEST_WORD_BYTES = 4;
/** A message of more words is prose, whose words stand in other lines by chance. */
const MOST_WORDS = 16;
/** No message of so few words is longer. */
const MOST_MESSAGE_BYTES = 512;

/** Letters and digits of ASCII. */
const isInWord = new Uint8Array(256);
for (let byte = 0; byte < 128; byte += 1) {
  if (/[0-9A-Za-z]/.test(String.fromCharCode(byte))) isInWord[byte] = 1;
}

/**
 * The words of a message, to find them again where the text repeats a part of it: a name of a
 * customer in the line of a cause.
 */
export class MessageWords {
  readonly #message: Buffer;
  readonly #starts: number[] = [];
  readonly #ends: number[] = [];
  /** A bit for each first letter. */
  #firstLetters = 0;

  constructor(message: Buffer) {
    this.#message = message;
    if (message.length > MOST_MESSAGE_BYTES) return;
    for (let at = 0; at < message.length; at += 1) {
      const start = at;
      while (isInWord[message[at] ?? 0] === 1) at += 1;
      if (at - start < SHORTEST_WORD_BYTES) continue;
      if (this.#starts.length === MOST_WORDS) {
        this.#firstLetters = 0;
        return;
      }
      this.#starts.push(start);
      this.#ends.push(at);
      this.#firstLetters |= 1 << ((message[start] ?? 0) & 31);
    }
  }

  /** Whether this word of the text is one of the message. */
  has(text: Buffer, from: number, to: number): boolean {
    if (((this.#firstLetters >>> ((text[from] ?? 0) & 31)) & 1) === 0) return false;
    if (to - from < SHORTEST_WORD_BYTES) return false;
    for (let index = 0; index < this.#starts.length; index += 1) {
      if (this.#isWord(index, text, from, to)) return true;
    }
    return false;
  }

  #isWord(index: number, text: Buffer, from: number, to: number): boolean {
    const start = this.#starts[index] ?? 0;
    if (this.#ends[index] !== start + to - from) return false;
    // A call of Buffer.compare costs 0.1 µs, some words cost less.
    for (let at = from; at < to; at += 1) {
      if (text[at] !== this.#message[start + at - from]) return false;
    }
    return true;
  }
}
