/*
 * Which words a message has is part of how rows are stored: a hole names a word by its place among them.
 */

/** A shorter word of the message may stand in other lines by chance. */
const SHORTEST_WORD_BYTES = 4;
/** A message of more words is prose, whose words stand in other lines by chance. */
const MOST_WORDS = 16;
/** No message of so few words is longer. */
const MOST_MESSAGE_BYTES = 512;

/** Where a word stands in its message, in bytes. */
export interface MessageWord {
  from: number;
  to: number;
}

/** Letters and digits of ASCII. */
const isInWord = new Uint8Array(256);
for (let byte = 0; byte < 128; byte += 1) {
  if (/[0-9A-Za-z]/.test(String.fromCharCode(byte))) isInWord[byte] = 1;
}

/** The words of a message that count; none where it is too long. */
export function messageWords(message: Uint8Array): MessageWord[] {
  const words: MessageWord[] = [];
  if (message.length > MOST_MESSAGE_BYTES) return words;
  for (let at = 0; at < message.length; at += 1) {
    const from = at;
    while (isInWord[message[at] ?? 0] === 1) at += 1;
    if (at - from < SHORTEST_WORD_BYTES) continue;
    if (words.length === MOST_WORDS) return [];
    words.push({ from, to: at });
  }
  return words;
}

/**
 * Finds the words of a message where the text repeats a part of it: the number of an order or the name
 * of a customer in the line of a cause. The message has them already, so they take no room.
 */
export class WordFinder {
  readonly #message: Buffer;
  readonly #words: MessageWord[];
  /** A bit for each first byte, so that most words of a text are passed over at once. */
  #firstBytes = 0;

  constructor(message: Buffer) {
    this.#message = message;
    this.#words = messageWords(message);
    for (const { from } of this.#words) this.#firstBytes |= 1 << ((message[from] ?? 0) & 31);
  }

  /** The index of a word of the text among those of the message; -1 if it is none. */
  indexOf(text: Buffer, from: number, to: number): number {
    if (((this.#firstBytes >>> ((text[from] ?? 0) & 31)) & 1) === 0) return -1;
    for (let index = 0; index < this.#words.length; index += 1) {
      if (this.#isWord(index, text, from, to)) return index;
    }
    return -1;
  }

  #isWord(index: number, text: Buffer, from: number, to: number): boolean {
    const word = this.#words[index];
    if (word === undefined || word.to - word.from !== to - from) return false;
    // A call of Buffer.compare costs 0.1 µs; a word has few bytes.
    for (let at = from; at < to; at += 1) {
      if (text[at] !== this.#message[word.from + at - from]) return false;
    }
    return true;
  }
}
