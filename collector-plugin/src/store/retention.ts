import { STACK_TEXT_GRACE_DAYS } from './schema.ts';

const SECONDS_PER_DAY = 86_400;

/** When a failure that is stored now expires, in seconds since the Unix epoch. */
export function failureExpiry(nowMs: number, retentionMs: number): number {
  return Math.floor((nowMs + retentionMs) / 1000);
}

/**
 * When the stack text of a failure expires: at a midnight UTC after every failure of the same day,
 * so that one copy of the text serves a day's failures and outlives them all.
 */
export function stackTextExpiry(failureExpiresAt: number): number {
  const day = Math.floor(failureExpiresAt / SECONDS_PER_DAY);
  return (day + STACK_TEXT_GRACE_DAYS) * SECONDS_PER_DAY;
}
