import type { Cuts } from './cuts.ts';
import type { WordFinder } from './message-words.ts';

/** What a byte may be in a word. Bytes beyond ASCII separate words, as punctuation does. */
const SEPARATOR = 0;
const DIGIT = 1;
const LOWER = 2;
const UPPER = 4;
const KIND = DIGIT | LOWER | UPPER;
/** Marks letters that no hexadecimal number has. */
const NOT_HEX = 8;

const marks = new Uint8Array(256);
const mark = (characters: string, as: number) => {
  for (const character of characters) marks[character.charCodeAt(0)] = as;
};
mark('0123456789', DIGIT);
mark('abcdef', LOWER);
mark('ghijklmnopqrstuvwxyz', LOWER | NOT_HEX);
mark('ABCDEF', UPPER);
mark('GHIJKLMNOPQRSTUVWXYZ', UPPER | NOT_HEX);

/** What stands between the numbers of a moment, a decimal, an address or a range. */
const joints = new Uint8Array(256);
for (const joint of '-:.,+/') joints[joint.charCodeAt(0)] = 1;

const HYPHEN = '-'.charCodeAt(0);
const PLUS = '+'.charCodeAt(0);
const DOT = '.'.charCodeAt(0);
const COLON = ':'.charCodeAt(0);
const ZERO = '0'.charCodeAt(0);
const X = 'x'.charCodeAt(0);

/** A shorter word of letters is taken for a name, whatever its letters are. */
const SHORTEST_RANDOM_WORD = 8;
const UUID_BYTES = 36;
const UUID_FIRST_GROUP = 8;
const UUID_HYPHENS: ReadonlySet<number> = new Set([8, 13, 18, 23]);

const LONGEST_EXTENSION = 5;
/** Behind the name of a source file stands a place in the code, which does not vary. */
const sourceFiles: ReadonlySet<string> = new Set(
  'c cc cjs cpp cs cts cxx erl ex exs go h hpp java js jsx kt kts mjs mts php py rb rs scala swift ts tsx vue'.split(
    ' ',
  ),
);

/**
 * Cuts out of a part of a text what most probably varies from failure to failure: numbers, moments,
 * addresses, UUIDs and other ids, and the words of the message. A word that does not vary may be
 * among them: it takes a byte or two in each row, and is put back like the others.
 */
export function cutVaryingWords(
  text: Buffer,
  from: number,
  to: number,
  words: WordFinder,
  cuts: Cuts,
): void {
  let at = from;
  while (at < to) {
    let found = markAt(text, at);
    if (found === SEPARATOR) {
      at += 1;
      continue;
    }
    const start = at;
    // Most words have no digit, so what more there is to be known of a word is looked up afterwards.
    let kinds = SEPARATOR;
    while (found !== SEPARATOR) {
      kinds |= found;
      at += 1;
      found = at < to ? markAt(text, at) : SEPARATOR;
    }
    const word = words.indexOf(text, start, at);
    if (word !== -1) {
      if (!cuts.addMessageWord(start, at, word)) return;
    } else if (at - start === UUID_FIRST_GROUP && text[at] === HYPHEN && isUuid(text, start, to)) {
      at = start + UUID_BYTES;
      if (!cuts.add(start, at)) return;
    } else if (markAt(text, start) === DIGIT) {
      const isPlace = isPlaceInCode(text, from, start);
      at = endOfJoined(text, at, to);
      if (!isPlace && !cuts.add(start, at)) return;
    } else {
      const cutFrom = firstVarying(text, start, at, kinds);
      if (cutFrom < at && !cuts.add(cutFrom, at)) return;
    }
  }
}

function markAt(text: Buffer, at: number): number {
  return marks[text[at] ?? 0] ?? SEPARATOR;
}

/** From where on a word varies that begins with a letter; its end, if nowhere. */
function firstVarying(text: Buffer, start: number, end: number, kinds: number): number {
  const hasDigit = (kinds & DIGIT) !== 0;
  if (hasDigit && (kinds & NOT_HEX) === 0) return start;
  const mayBeRandom = end - start >= SHORTEST_RANDOM_WORD && (kinds & KIND) !== LOWER;
  if (!hasDigit && !mayBeRandom) return end;

  let numbers = 0;
  let lastNumber = start;
  // How often the kind of character changes: often in random ids, seldom in names.
  let turns = 0;
  let previous = markAt(text, start) & KIND;
  for (let at = start + 1; at < end; at += 1) {
    const kind = markAt(text, at) & KIND;
    if (kind === previous) continue;
    previous = kind;
    turns += 1;
    if (kind === DIGIT) {
      numbers += 1;
      lastNumber = at;
    }
  }
  if (numbers > 1 || (mayBeRandom && turns * 2 >= end - start - 1)) return start;
  return previous === DIGIT ? lastNumber : end;
}

function isUuid(text: Buffer, start: number, to: number): boolean {
  if (start + UUID_BYTES > to) return false;
  for (let index = 0; index < UUID_BYTES; index += 1) {
    const isHyphen = text[start + index] === HYPHEN;
    if (UUID_HYPHENS.has(index) !== isHyphen) return false;
    const found = markAt(text, start + index);
    if (!isHyphen && (found === SEPARATOR || (found & NOT_HEX) !== 0)) return false;
  }
  const behind = start + UUID_BYTES;
  return behind === to || markAt(text, behind) === SEPARATOR;
}

/** A number goes on behind a joint: `2026-11-22T11:59:00.5Z`, `10.0.0.1:5432` and `1,5` are one each. */
function endOfJoined(text: Buffer, from: number, to: number): number {
  let at = from;
  while (at + 1 < to && joints[text[at] ?? 0] === 1 && markAt(text, at + 1) === DIGIT) {
    at += 2;
    while (at < to && markAt(text, at) !== SEPARATOR) at += 1;
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
  while (at > from && end - at <= LONGEST_EXTENSION && (markAt(text, at - 1) & LOWER) !== 0) {
    at -= 1;
  }
  if (at === end || at === from || text[at - 1] !== DOT) return false;
  return sourceFiles.has(text.toString('latin1', at, end));
}
