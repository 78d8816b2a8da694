import type { DecodedException } from '../decode/decoded.ts';
import type { DecodedSpan } from '../decode/traces/decoded-traces.ts';
import { STATUS_OK } from '../decode/traces/span-status.ts';

/**
 * Whether an exception left its span: by the attribute `exception.escaped`, or because it was recorded when
 * the span had already ended, as Go's SDK does when `span.End` meets a panic. A span that somebody called OK
 * was ended at a time of its own choice.
 */
export function hasEscaped(
  { escaped, time }: DecodedException,
  { endedAt, status }: Pick<DecodedSpan, 'endedAt' | 'status'>,
): boolean {
  return escaped || (endedAt > 0n && time > endedAt && status !== STATUS_OK);
}

/** Shorter messages stand in others by chance. */
const SHORTEST_NAME_BYTES = 4;
/**
 * Of a longer message its beginning is looked for, and that near the beginning of the status: a span may have
 * thousands of exceptions, and a status of megabytes. V8 looks for up to 250 bytes in linear time.
 */
const LONGEST_NAME_BYTES = 250;
const MOST_OF_STATUS_BYTES = 4_096;

/** Whether the status of a span speaks of an exception: most SDKs write its message there, some its type too. */
export function isNamedBy(
  statusMessage: Buffer,
  { message }: Pick<DecodedException, 'message'>,
): boolean {
  if (statusMessage.length === 0 || message.length === 0) return false;
  if (message.length < SHORTEST_NAME_BYTES) return statusMessage.equals(message);
  const name = message.subarray(0, LONGEST_NAME_BYTES);
  return statusMessage.subarray(0, MOST_OF_STATUS_BYTES).includes(name);
}
