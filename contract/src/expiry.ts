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

/** Rows that are dropped together may stay so much longer than they are kept: a tenth of it. */
const DROPPED_TOGETHER = 1 / 10;
/** Not shorter, in seconds, or a short retention would make very many parts. */
const LEAST_DROPPED_TOGETHER = 3_600;

/**
 * When the rows that expire at a moment are dropped from the disk, in seconds since the Unix epoch. All
 * rows of about a tenth of the retention are dropped together, so that they stand in few parts; until
 * then those that have expired are passed over when they are read.
 *
 * @param expiresAt seconds since the Unix epoch
 */
export function droppedAt(expiresAt: number, retentionMs: number): number {
  const seconds = Math.floor((retentionMs / 1000) * DROPPED_TOGETHER);
  const together = Math.max(LEAST_DROPPED_TOGETHER, seconds);
  return Math.ceil(expiresAt / together) * together;
}
