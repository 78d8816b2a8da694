import { isUtf8 } from 'node:buffer';

/** The longest run id, in characters (Unicode code points). */
export const RUN_ID_MAX_CHARACTERS = 256;

const RUN_ID = /^\P{Cc}{1,256}$/u;

/** Tells whether a text can be a run id: 1 to 256 characters, none of them a control character. */
export function isRunId(text: string): boolean {
  return RUN_ID.test(text);
}

/** The same of bytes: they have to be well-formed UTF-8 too, or no reader could ask for that run. */
export function isRunIdBytes(bytes: Buffer): boolean {
  // A character has at most four bytes, so no more than that is ever decoded.
  return bytes.length <= RUN_ID_MAX_CHARACTERS * 4 && isUtf8(bytes) && isRunId(bytes.toString());
}
