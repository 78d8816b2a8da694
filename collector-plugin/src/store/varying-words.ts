import type { Cuts } from './cuts.ts';
import type { MessageWords } from './message-words.ts';

const OTHER = 0;
const DIGIT = 1;
const LOWER = 2;
const UPPER = 3;
const KIND = 3;
/** Marks the letters of hexadecimal numbers. */
const HEX = 4;

/** What each byte may be in a word. Bytes beyond ASCII separate words, as punctuation does. */
const kinds = new Uint8Array(256);
const mark = (characters: string, kind: number) => {
  for (const character of characters) kinds[character.charCodeAt(0)] = kind;
};
mark('0123456789', DIGIT | HEX);
mark('abcdef', LOWER | HEX);
mark('ghijklmnopqrstuvwxyz', LOWER);
mark('ABCDEF', UPPER | HEX);
mark('GHIJKLMNOPQRSTUVWXYZ', UPPER);

/** What stands between the numbers of a moment, a decimal, an address or a range. */
const joints = new Uint8Array(256);
for (const joint of '-:.,+/') joints[joint.charCodeAt(0)] = 1;

const HYPHEN = '-'.charCodeAt(0);
const PLUS = '+'.charCodeAt(0);
const DOT = '.'.charCodeAt(0);
const COLON = ':'.charCodeAt(0);
const ZERO = '0'.charCodeAt(0);
const X = 'x'.charCodeAt(0);

/** A shorter word without a digit is taken for a word, however its letters look. */
const SHORTEST_RANDOM_WORD = 8;
const UUID_BYTES = 36;
const UUID_HYPHENS: ReadonlySet<number> = new Set([8, 13, 18, 23]);
const LONGEST_EXTENSION = 5;

/** Behind the name of a source file stands a place in the code, which does not vary. */
const sourceFiles: ReadonlySet<string> = new Set(
  'c cc cjs cpp cs cts cxx erl ex exs go h hpp java js jsx kt kts mjs mts php py rb rs scala swift ts tsx vue'.split(
    ' ',
  ),
);

/**
 * Finds what most probably varies from failure to failure in a part of a text: numbers, moments,
 * addresses, UUIDs and other ids, and the words of the message. A word that does not vary may be
 * among them: it takes a byte or two in each row, and is put back like the others.
 *
 * @returns false when no more may be cut.
 */
export function cutVaryingWords(
  text: Buffer,
  from: number,
  to: number,
  words: MessageWords,
  cuts: Cuts,
): boolean {
  let at = from;
  while (at < to) {
    if (markAt(text, at) === OTHER) {
      at += 1;
      continue;
    }
    const start = at;
    const first = markAt(text, start) & KIND;
    let kind = first;
    let allHex = HEX;
    let numbers = 0;
    let lastNumber = start;
    // How often the kind of character changes: often in random ids, seldom in names.
    let turns = 0;
    let previous = OTHER;
    while (kind !== OTHER) {
      allHex &= markAt(text, at);
      if (kind !== previous) {
        turns += 1;
        if (kind === DIGIT) {
          numbers += 1;
          lastNumber = at;
        }
        previous = kind;
      }
      at += 1;
      kind = at < to ? markAt(text, at) & KIND : OTHER;
    }
    const length = at - start;

    if (allHex !== 0 && length === 8 && text[at] === HYPHEN && isUuid(text, start, to)) {
      at = start + UUID_BYTES;
      if (!cuts.add(start, at)) return false;
    } else if (first === DIGIT) {
      if (isPlaceInCode(text, from, start)) {
        at = endOfPlace(text, at, to);
        continue;
      }
      at = endOfJoined(text, at, to);
      if (!cuts.add(start, at)) return false;
    } else if ((numbers > 0 && allHex !== 0) || numbers > 1) {
      if (!cuts.add(start, at)) return false;
    } else if (words.has(text, start, at)) {
      if (!cuts.add(start, at)) return false;
    } else if (previous === DIGIT) {
      if (!cuts.add(lastNumber, at)) return false;
    } else if (length >= SHORTEST_RANDOM_WORD && (turns - 1) * 2 >= length - 1) {
      if (!cuts.add(start, at)) return false;
    }
  }
  return true;
}

function markAt(text: Buffer, at: number): number {
  return kinds[text[at] ?? 0] ?? OTHER;
}

function isUuid(text: Buffer, start: number, to: number): boolean {
  if (start + UUID_BYTES > to) return false;
  for (let index = 9; index < UUID_BYTES; index += 1) {
    const isHyphen = text[start + index] === HYPHEN;
    if (UUID_HYPHENS.has(index) !== isHyphen) return false;
    if (!isHyphen && (markAt(text, start + index) & HEX) === 0) return false;
  }
  const behind = start + UUID_BYTES;
  return behind === to || markAt(text, behind) === OTHER;
}

/** A number goes on behind a joint: `2026-11-22T11:59:00.5Z`, `10.0.0.1:5432` and `1,5` are one each. */
function endOfJoined(text: Buffer, from: number, to: number): number {
  let at = from;
  while (at + 1 < to && joints[text[at] ?? 0] === 1 && (markAt(text, at + 1) & KIND) === DIGIT) {
    at += 2;
    while (at < to && markAt(text, at) !== OTHER) at += 1;
  }
  return at;
}

/** Whether a number is an offset in compiled code, `+0x1d`, or a line of a source file, `place.rb:12`. */
function isPlaceInCode(text: Buffer, from: number, start: number): boolean {
  if (start === from) return false;
  const before = text[start - 1];
  if (before === PLUS) return text[start] === ZERO && text[start + 1] === X;
  if (before !== COLON) return false;
  const end = start - 1;
  let at = end;
  while (at > from && end - at <= LONGEST_EXTENSION && (markAt(text, at - 1) & KIND) === LOWER) {
    at -= 1;
  }
  if (at === end || at === from || text[at - 1] !== DOT) return false;
  return sourceFiles.has(text.toString('latin1', at, end));
}

/** The column of a place in the code. */
function endOfPlace(text: Buffer, from: number, to: number): number {
  let at = from;
  if (at + 1 < to && text[at] === COLON && (markAt(text, at + 1) & KIND) === DIGIT) {
    at += 2;
    while (at < to && markAt(text, at) !== OTHER) at += 1;
  }
  return at;
}
