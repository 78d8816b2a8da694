/** An indentation that is longer belongs to no stack frame. */
const MOST_INDENT_BYTES = 256;

const SPACE = 0x20;
const TAB = 0x09;
const BAR = 0x7c;
const COLON = 0x3a;
const ZERO = 0x30;
const NINE = 0x39;
const NUMBER_SIGN = 0x23;
const OPENING_PARENTHESIS = 0x28;

/** What a line with such a beginning is. */
interface FrameStart {
  /** The first bytes behind the indentation. */
  bytes: Buffer;
  /** Such a line is a frame only behind so many bytes of indentation. */
  leastIndent: number;
  mostIndent: number;
  /** Such a line is a frame only where a digit follows. */
  numbered: boolean;
  /** The values of arguments may stand in it, behind the place in the code. */
  hasArguments: boolean;
}

const frame = (text: string, differences: Partial<FrameStart> = {}): FrameStart => ({
  bytes: Buffer.from(text),
  leastIndent: 1,
  mostIndent: MOST_INDENT_BYTES,
  numbered: false,
  hasArguments: false,
  ...differences,
});

/** How frames begin; no two with the same byte. */
const frames: readonly FrameStart[] = [
  frame('at '), // Node, Java and Kotlin, .NET, PHP as OpenTelemetry has it, places of Rust
  frame('... ', { leastIndent: 0 }), // what Java and Node leave out
  frame('File "', { leastIndent: 0 }), // Python
  frame('from '), // Ruby
  frame('/', { mostIndent: 1 }), // places of Go
  frame('@ '), // C++ with Abseil
  frame('#', { leastIndent: 0, numbered: true, hasArguments: true }), // PHP, gdb
  frame('(', { hasArguments: true }), // Elixir
];

/** The same by their first byte. */
const frameStarts: ReadonlyArray<FrameStart | undefined> = Array.from({ length: 256 }, (_, byte) =>
  frames.find(({ bytes }) => bytes[0] === byte),
);

const pythonFrame = 'F'.charCodeAt(0);
/**
 * Finds the stack frames among the lines of a text. They stay as they are, because they are the same
 * for each failure at the same place of one build. To be asked about each line, in order.
 */
export class FrameLines {
  #sourceBehind = -1;

  /**
   * @returns the offset from which the line may hold what varies from failure to failure: `from` for
   *   a line that is no frame, `to` for one that is.
   */
  variesFrom(text: Buffer, from: number, to: number): number {
    const most = Math.min(to, from + MOST_INDENT_BYTES);
    let at = from;
    // Python draws exception groups with bars in front of their lines.
    for (; at < most; at += 1) {
      const byte = text[at];
      if (byte !== SPACE && byte !== TAB && byte !== BAR) break;
    }
    const column = at - from;
    // Below a frame Python quotes its line of the source, indented further.
    const isSource = this.#sourceBehind >= 0 && column > this.#sourceBehind;
    this.#sourceBehind = -1;
    if (isSource) return to;

    if (at >= most) return from;
    const first = text[at] ?? 0;
    if (isDigit(first)) return column > 0 && isNumbered(text, at, most) ? to : from;
    const start = frameStarts[first];
    if (!start || column < start.leastIndent || column > start.mostIndent) return from;
    if (!startsWith(text, at, to, start.bytes)) return from;
    if (start.numbered && !isDigit(text[at + 1])) return from;
    if (first === pythonFrame) this.#sourceBehind = column;
    return start.hasArguments ? argumentsOf(text, at, to) : to;
  }
}

/** Rust counts frames as in `  12: main`, Boost as in ` 12# main`. */
function isNumbered(text: Buffer, from: number, to: number): boolean {
  let at = from;
  while (at < to && isDigit(text[at])) at += 1;
  return text[at] === COLON || text[at] === NUMBER_SIGN;
}

function startsWith(text: Buffer, at: number, to: number, bytes: Buffer): boolean {
  if (to - at < bytes.length) return false;
  for (let index = 0; index < bytes.length; index += 1) {
    if (text[at + index] !== bytes[index]) return false;
  }
  return true;
}

/** As in `#1 /srv/place.php(30): App\Place->run(4711)`: behind the place and the function's name. */
function argumentsOf(text: Buffer, from: number, to: number): number {
  let at = from;
  while (at < to && !(text[at] === COLON && text[at + 1] === SPACE)) at += 1;
  while (at < to && text[at] !== OPENING_PARENTHESIS) at += 1;
  return at;
}

function isDigit(byte: number | undefined): boolean {
  return byte !== undefined && byte <= NINE && byte >= ZERO;
}
