import type { DecodedException } from '../decode/decoded.ts';
import type { DecodedSpan } from '../decode/traces/decoded-traces.ts';

/**
 * Whether an exception left its span: by the attribute `exception.escaped`, or because it was recorded when
 * the span had already ended, as Go's SDK does when `span.End` meets a panic.
 */
export function hasEscaped(
  { escaped, time }: DecodedException,
  { endedAt }: Pick<DecodedSpan, 'endedAt'>,
): boolean {
  return escaped || (endedAt > 0n && time > endedAt);
}

/** Shorter messages stand in others by chance. */
const SHORTEST_NAME_BYTES = 4;

/** Whether the status of a span speaks of an exception: most SDKs write its message there, some its type too. */
export function isNamedBy(statusMessage: Buffer, { message }: DecodedException): boolean {
  if (statusMessage.length === 0 || message.length === 0) return false;
  return message.length < SHORTEST_NAME_BYTES
    ? statusMessage.equals(message)
    : statusMessage.includes(message);
}
