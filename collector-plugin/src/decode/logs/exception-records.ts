import { attributeNames, EXCEPTION_ATTRIBUTES } from '../attribute-names.ts';
import type { DecodedException } from '../decoded.ts';

/*
 * Which log records tell of an exception, by the semantic conventions: those with one of its attributes, and
 * those of the event `exception`, or of `<operation>.exception`. The name of an event stands in a field of its
 * own; before that it was the attribute `event.name`, which older SDKs still write.
 */

/** The attributes that are looked at: those of an exception, and behind them the name of the event. */
export const recordAttributes = attributeNames([...EXCEPTION_ATTRIBUTES, 'event.name']);
export const EVENT_NAME_RANK = EXCEPTION_ATTRIBUTES.length;

const NAME = Buffer.from('exception');
const DOT = 0x2e;

/** Tells whether the bytes from `start` to `end` are such an event's name. Makes no object. */
export function isExceptionEvent(bytes: Buffer, start = 0, end = bytes.length): boolean {
  const nameAt = end - NAME.length;
  if (nameAt < start || (nameAt > start && bytes[nameAt - 1] !== DOT)) return false;
  return NAME.compare(bytes, nameAt, end) === 0;
}

/** Whether the attributes alone say that there was an exception. */
export function hasException({ type, message, stackText }: DecodedException): boolean {
  return type.length + message.length + stackText.length > 0;
}
