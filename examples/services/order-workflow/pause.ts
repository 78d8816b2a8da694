import { setTimeout as delay } from 'node:timers/promises';

/** Work that takes its time: between half of `milliseconds` and the whole of it. */
export async function workFor(milliseconds: number): Promise<void> {
  await delay(milliseconds * (0.5 + Math.random() / 2));
}
