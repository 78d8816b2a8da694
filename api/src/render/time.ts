import type { Nanoseconds } from '../read/rows.ts';

/** A moment as RFC 3339 in UTC, to the millisecond. */
export function toRfc3339(time: Nanoseconds): string {
  return new Date(Number(time / 1_000_000n)).toISOString();
}
