import { attributeNames, EXCEPTION_ATTRIBUTES } from './attribute-names.ts';
import type { DecodedException } from './decoded.ts';
import { isTrue } from './truth.ts';

/** The attributes of an exception, by the index of {@link ExceptionTexts}. */
export const exceptionAttributes = attributeNames(EXCEPTION_ATTRIBUTES);

/** The text of the first attribute of each name: type, message, stack text, escaped. */
export type ExceptionTexts = (Buffer | undefined)[];

const EMPTY = Buffer.alloc(0);

export function asException(
  [type = EMPTY, message = EMPTY, stackText = EMPTY, escaped = EMPTY]: ExceptionTexts,
  time: bigint,
  droppedAttributes: number,
): DecodedException {
  return { time, type, message, stackText, escaped: isTrue(escaped), droppedAttributes };
}
