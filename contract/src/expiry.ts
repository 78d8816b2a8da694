export const SECONDS_PER_DAY = 86_400;

/** How many days a stack text outlives the last failure that needs it, at most. */
const STACK_TEXT_GRACE_DAYS = 2;

/** When a failure that is stored now expires, in seconds since the Unix epoch. */
export function failureExpiry(nowMs: number, retentionMs: number): number {
  return Math.floor((nowMs + retentionMs) / 1000);
}

/**
 * When the stack text of a failure expires, in seconds since the Unix epoch: at a midnight UTC after
 * every failure of the same day, so that one copy of the text serves a day's failures and outlives
 * them all. Writer and reader must agree, because the text is looked up by it.
 *
 * @param failureExpiresAt seconds since the Unix epoch
 */
export function stackTextExpiry(failureExpiresAt: number): number {
  const day = Math.floor(failureExpiresAt / SECONDS_PER_DAY);
  return (day + STACK_TEXT_GRACE_DAYS) * SECONDS_PER_DAY;
}
