const firstMs = 1_000;
const longestMs = 30_000;

/** How long to wait before a pending run is asked for again, in milliseconds: 1, 2, 4 … 30 s. */
export function pollDelay(asked: number): number {
  return Math.min(firstMs * 2 ** asked, longestMs);
}
