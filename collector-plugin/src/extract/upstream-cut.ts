/**
 * Go's SDK cuts a stack at this many bytes, and so do backends that pass spans on. A text of exactly this
 * length was most probably longer once.
 */
const COMMON_LIMIT_BYTES = 2_048;

const LINE_FEED = 10;
/** A line that ends a text is looked at no further. */
const LAST_LINE_BYTES = 512;

/** Lines that a runtime never ends a text with, by how they begin and what they lack. */
const unfinished: readonly RegExp[] = [
  // Node: "    at place (file:1:2)", "    at file:1:2", or "    at new Promise (<anonymous>)"; then maybe "{";
  // of WebAssembly "    at wasm://wasm/name:wasm-function[1]:0xabc".
  // Java: "\tat pkg.Class.method(File.java:1)", with "~[jar:version]" behind it in log files.
  /^\s+at(?: (?!.*(?:[:)\d\]}>{]|native|unknown|:0x[\da-f]+)\s*$).*)?$/,
  // Java: "\t... 12 more"
  /^\s+\.\.\.(?! \d+ (?:more|common frames omitted)\s*$).*$/,
  // Python: a frame has a line number and a name, and its code or the exception stands below it.
  /^\s+File ".*$/,
];

/**
 * Whether a stack text looks as if it had been cut before it came here: by the limit that many SDKs and
 * backends have, or in the middle of a frame.
 */
export function isCutUpstream(stackText: Buffer): boolean {
  if (stackText.length === 0) return false;
  if (stackText.length === COMMON_LIMIT_BYTES) return true;
  const from = Math.max(0, stackText.length - LAST_LINE_BYTES);
  const tail = stackText.subarray(from);
  // What ends with its line is whole.
  if (tail[tail.length - 1] === LINE_FEED) return false;
  const lineAt = tail.lastIndexOf(LINE_FEED);
  // A text of one line is a message, and a line that is longer than what is looked at is no frame.
  if (lineAt === -1) return false;
  const line = tail.toString('latin1', lineAt + 1);
  return unfinished.some((pattern) => pattern.test(line));
}
