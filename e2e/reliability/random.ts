import { createHash } from 'node:crypto';

/** Numbers that look like chance and are the same for the same seed. */
export interface Random {
  /** From 0 to 1, without 1. */
  next(): number;
  /** A whole number from 0 to `below`, without it. */
  whole(below: number): number;
  pick<T>(choices: readonly [T, ...T[]]): T;
  /** So many digits of hex. */
  hex(digits: number): string;
}

/** Numbers for a seed, by Tommy Ettinger's generator "mulberry32": quick, and good enough to choose by. */
export function createRandom(seed: string): Random {
  let state = createHash('sha256').update(seed).digest().readUInt32LE();
  const next = (): number => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const whole = (below: number): number => Math.floor(next() * below);
  return {
    next,
    whole,
    pick: (choices) => choices[whole(choices.length)] ?? choices[0],
    hex: (digits) => Array.from({ length: digits }, () => whole(16).toString(16)).join(''),
  };
}
