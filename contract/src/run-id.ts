/** The longest run id, in characters (Unicode code points). */
export const RUN_ID_MAX_CHARACTERS = 256;

const CONTROL_CHARACTER = /\p{Cc}/u;

/**
 * Whether a string can be a run id: 1 to 256 characters, well-formed, none of them a control
 * character. The receiver keeps no other, and no route answers to another.
 */
export function isRunId(text: string): boolean {
  if (text.length === 0 || text.length > RUN_ID_MAX_CHARACTERS * 2) return false;
  if (!text.isWellFormed() || CONTROL_CHARACTER.test(text)) return false;
  return Array.from(text).length <= RUN_ID_MAX_CHARACTERS;
}
