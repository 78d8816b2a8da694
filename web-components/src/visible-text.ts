/** A stretch of text to show as it is, or one character that would show nothing. */
export type TextSegment =
  | { readonly text: string }
  /** `name` says which character it is: `U+202E`, or an escape name such as `ESC`. */
  | { readonly mark: string; readonly name: string };

/**
 * What a message could use to look like something else, or to hide something: control characters,
 * bidirectional controls, zero-width and other default-ignorable characters, tag characters, line
 * and paragraph separators, interlinear annotations, lone surrogates. Tab and line feed are layout.
 */
const deceptive =
  /(?![\t\n])[\p{Cc}\p{Cs}\p{Default_Ignorable_Code_Point}\u2028\u2029\ufff9-\ufffb]/gu;

const names: Readonly<Record<number, string>> = {
  0x00: 'NUL',
  0x07: 'BEL',
  0x08: 'BS',
  0x0d: 'CR',
  0x1b: 'ESC',
  0x7f: 'DEL',
  0x200b: 'ZWSP',
  0x200e: 'LRM',
  0x200f: 'RLM',
  0x202a: 'LRE',
  0x202b: 'RLE',
  0x202c: 'PDF',
  0x202d: 'LRO',
  0x202e: 'RLO',
  0x2066: 'LRI',
  0x2067: 'RLI',
  0x2068: 'FSI',
  0x2069: 'PDI',
  0xfeff: 'BOM',
};

/** Each mark is an element of its own; a message of nothing but controls must not freeze the page. */
const mostMarks = 1000;

/**
 * Splits a text so that every character in it can be seen.
 *
 * Joiners and variation selectors stay where they shape the character before them (emoji, Persian,
 * Indic scripts). CR LF becomes LF. From the 1,001st mark on, marks are written into the text as
 * `[U+202E]`.
 */
export function visibleText(input: string): TextSegment[] {
  const text = input.replaceAll('\r\n', '\n');
  const segments: TextSegment[] = [];
  let plain = '';
  let from = 0;
  let marks = 0;
  for (const match of text.matchAll(deceptive)) {
    const character = match[0];
    if (shapesItsNeighbours(text, match.index, character)) continue;
    plain += text.slice(from, match.index);
    from = match.index + character.length;
    const mark = markOf(character);
    marks += 1;
    if (marks > mostMarks) {
      plain += `[${mark.mark}]`;
      continue;
    }
    if (plain !== '') segments.push({ text: plain });
    plain = '';
    segments.push(mark);
  }
  plain += text.slice(from);
  if (plain !== '') segments.push({ text: plain });
  return segments;
}

/** The same as one string, for the places that take no elements: names, tooltips, announcements. */
export function visibleString(input: string): string {
  return visibleText(input)
    .map((segment) => ('text' in segment ? segment.text : `[${segment.mark}]`))
    .join('');
}

function markOf(character: string): { mark: string; name: string } {
  const code = character.codePointAt(0) ?? 0;
  const hex = `U+${code.toString(16).toUpperCase().padStart(4, '0')}`;
  const name = names[code];
  return { mark: name ?? hex, name: name === undefined ? hex : `${hex} ${name}` };
}

const joiner = /^[\u200c\u200d]$/;
const selector = /^[\ufe00-\ufe0f]$/;
const shapeable = /[\p{L}\p{M}\p{Extended_Pictographic}\p{Emoji_Modifier}\ufe0f]$/u;
const keycap = /[#*0-9]$/;
const isAscii = /^[\p{ASCII}]/u;

function shapesItsNeighbours(text: string, at: number, character: string): boolean {
  const before = text.slice(Math.max(0, at - 2), at);
  if (selector.test(character)) {
    return (
      keycap.test(before) || (shapeable.test(before) && !/[\p{ASCII}\ufe00-\ufe0f]$/u.test(before))
    );
  }
  if (!joiner.test(character)) return false;
  const after = text.slice(at + character.length, at + character.length + 2);
  return (
    shapeable.test(before) && !/\p{ASCII}$/u.test(before) && after !== '' && !isAscii.test(after)
  );
}
