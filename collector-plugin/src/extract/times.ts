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

/** A time of a clock that is so far ahead. One from before such a clock ran, such as 0 for none, stays as it is. */
export function setBack(time: bigint, ahead: bigint): bigint {
  return time > ahead ? time - ahead : time;
}

/** A clock that is further ahead, in milliseconds, is not believed to be one: its times say nothing. */
const MOST_AHEAD_MS = 26 * 3_600_000;

/**
 * How far the clocks of those resources are ahead that have ended spans in the future, in nanoseconds. The
 * end of a span is at most as late as the request that brings it.
 */
export function clocksAhead<Resource>(
  spans: readonly { resource: Resource; endedAt: bigint }[],
  { now, latest }: Moment,
): ReadonlyMap<Resource, bigint> {
  const ahead = new Map<Resource, bigint>();
  const believed = now + BigInt(MOST_AHEAD_MS) * 1_000_000n;
  for (const { resource, endedAt } of spans) {
    if (endedAt <= latest || endedAt > believed) continue;
    const by = endedAt - now;
    if (by > (ahead.get(resource) ?? 0n)) ahead.set(resource, by);
  }
  return ahead;
}
