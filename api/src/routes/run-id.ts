/** The longest run id, in characters (Unicode code points). */
export const maxRunIdLength = 256;

/**
 * Whether a string can be a run id: 1 to 256 characters, none of them a control character. The
 * receiver keeps no other.
 */
export function isRunId(text: string): boolean {
  if (text.length === 0 || text.length > maxRunIdLength * 2) return false;
  return text.isWellFormed() && !/\p{Cc}/u.test(text) && Array.from(text).length <= maxRunIdLength;
}
