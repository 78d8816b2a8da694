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

/** By the text, the offset of the line and that of its beginning behind the indentation. */
const isThere = {
  anywhere: () => true,
  indented: (_text: Buffer, line: number, at: number) => at > line,
  'one tab': (text: Buffer, line: number, at: number) => at === line + 1 && text[line] === TAB,
  number: (text: Buffer, _line: number, at: number) => isDigit(text[at + 1]),
};

type Where = keyof typeof isThere;

/** What a line with such a beginning is. */
interface FrameStart {
  /** The first bytes behind the indentation. */
  bytes: Buffer;
  /** Such a line is a frame only where this holds too. */
  where: Where;
  /** The values of arguments may stand in it, behind the place in the code. */
  hasArguments: boolean;
}

const start = (text: string, where: Where, hasArguments = false): [number, FrameStart] => [
  text.charCodeAt(0),
  { bytes: Buffer.from(text), where, hasArguments },
];

/** How frames begin, by their first byte: no two share it. */
const frameStarts: ReadonlyMap<number, FrameStart> = new Map([
  start('at ', 'indented'), // Node, Java and Kotlin, .NET, PHP as OpenTelemetry has it, places of Rust
  start('... ', 'anywhere'), // what Java and Node leave out
  start('File "', 'anywhere'), // Python
  start('from ', 'indented'), // Ruby
  start('/', 'one tab'), // places of Go
  start('@ ', 'indented'), // C++ with Abseil
  start('#', 'number', true), // PHP, gdb
  start('(', 'indented', true), // Elixir
]);

const pythonFrame = 'F'.charCodeAt(0);
const digits = Array.from({ length: 10 }, (_, digit) => ZERO + digit);

/** By the first byte behind the indentation: whether the line may be a frame at all. */
const mayStartFrame = new Uint8Array(256);
for (const byte of [...frameStarts.keys(), ...digits]) mayStartFrame[byte] = 1;

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

    const first = text[at] ?? 0;
    if (at >= most || mayStartFrame[first] === 0) return from;
    if (first >= ZERO && first <= NINE) {
      return column > 0 && isNumbered(text, at, most) ? to : from;
    }
    const frame = frameStarts.get(first);
    if (!frame || !startsWith(text, at, to, frame.bytes)) return from;
    if (!isThere[frame.where](text, from, at)) return from;
    if (first === pythonFrame) this.#sourceBehind = column;
    return frame.hasArguments ? argumentsOf(text, at, to) : to;
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
  return byte !== undefined && byte >= ZERO && byte <= NINE;
}
