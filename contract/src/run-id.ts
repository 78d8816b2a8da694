/** The longest run id, in characters (Unicode code points). */
export const RUN_ID_MAX_CHARACTERS = 256;

const CONTROL_CHARACTER = /\p{Cc}/u;

/** Browsers and proxies take these out of a path, however they are encoded. */
const NO_PATH_SEGMENTS: ReadonlySet<string> = new Set(['.', '..']);

/**
 * Whether a string can be a run id: 1 to 256 characters, well-formed, none of them a control
 * character, and neither `.` nor `..`. The receiver keeps no other, and no route answers to another.
 */
export function isRunId(text: string): boolean {
  if (text.length === 0 || text.length > RUN_ID_MAX_CHARACTERS * 2) return false;
  if (NO_PATH_SEGMENTS.has(text)) return false;
  if (!text.isWellFormed() || CONTROL_CHARACTER.test(text)) return false;
  // A span processor asks for each span: only a long one has to be counted.
  return text.length <= RUN_ID_MAX_CHARACTERS || Array.from(text).length <= RUN_ID_MAX_CHARACTERS;
}
