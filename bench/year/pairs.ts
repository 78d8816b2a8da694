import { timed } from '../statistics.ts';

/** How long may be measured. */
export interface Bounds {
  /** Rounds that count. */
  rounds: number;
  /** Rounds before, which do not. */
  warmUps: number;
  /** No round starts later than this, once there are {@link FEWEST_ROUNDS}. */
  seconds: number;
}

const FEWEST_ROUNDS = 3;

/**
 * Measures several ways of asking, one after the other in each round, and each round in another order, so
 * that none always finds warm what another has just read.
 *
 * @returns the milliseconds of each
 */
export async function alternate<Side extends string>(
  sides: Readonly<Record<Side, (round: number) => Promise<unknown>>>,
  { rounds, warmUps, seconds }: Bounds,
): Promise<Record<Side, number[]>> {
  const names = Object.keys(sides) as Side[];
  const start = performance.now();
  const hasTime = (share: number) => performance.now() - start < seconds * 1_000 * share;
  const ask = async (round: number) => {
    const took: [Side, number][] = [];
    for (const index of names.keys()) {
      const name = names[(index + round) % names.length] as Side;
      took.push([name, await timed(() => sides[name](round))]);
    }
    return took;
  };

  let first = 0;
  for (; first < warmUps && hasTime(0.25); first += 1) await ask(first);
  const took: [Side, number][] = [];
  for (let count = 0; count < rounds && (count < FEWEST_ROUNDS || hasTime(1)); count += 1) {
    took.push(...(await ask(first + count)));
  }
  const times = Map.groupBy(took, ([name]) => name);
  return Object.fromEntries(
    names.map((name) => [name, times.get(name)?.map(([, ms]) => ms) ?? []]),
  ) as Record<Side, number[]>;
}
