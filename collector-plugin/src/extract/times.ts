/**
 * How far a sender's clock may be ahead of ours, in milliseconds. A time later than that is taken for
 * wrong: it would stand at the head of every list until it expires.
 */
export const MAX_CLOCK_SKEW_MS = 60_000;

/** The moment of a request, in nanoseconds since the Unix epoch. */
export interface Moment {
  now: bigint;
  /** No time that is kept is later. */
  latest: bigint;
}

export function momentOf(nowMs: number): Moment {
  const nanoseconds = (milliseconds: number) => BigInt(Math.trunc(milliseconds)) * 1_000_000n;
  return { now: nanoseconds(nowMs), latest: nanoseconds(nowMs + MAX_CLOCK_SKEW_MS) };
}

/** The earlier of the two. */
export function noLaterThan(latest: bigint, time: bigint): bigint {
  return time > latest ? latest : time;
}
