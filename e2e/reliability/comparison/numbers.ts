import type { Batch } from '../load/bodies.ts';

/** A set of numbers from 0 on, one bit each: a million failures take 125 KB. */
export interface Numbers {
  add(number: number): void;
  has(number: number): boolean;
}

export function createNumbers(size: number, batches: readonly Batch[] = []): Numbers {
  const bits = new Uint8Array(Math.ceil(size / 8) + 1);
  const numbers: Numbers = {
    add(number) {
      const at = number >> 3;
      bits[at] = (bits[at] ?? 0) | (1 << (number & 7));
    },
    has: (number) => ((bits[number >> 3] ?? 0) & (1 << (number & 7))) !== 0,
  };
  for (const { first, count } of batches) {
    for (let number = first; number < first + count; number += 1) numbers.add(number);
  }
  return numbers;
}
