import { describe, expect, it } from 'vitest';
import { askSeldom } from './ask-seldom.ts';

describe('askSeldom', () => {
  it('asks once for all who want to know, and again when the answer is old', async () => {
    let asked = 0;
    const ask = askSeldom(async () => ++asked, 20);
    expect(await Promise.all(Array.from({ length: 100 }, ask))).toEqual(Array(100).fill(1));
    await expect.poll(ask).toBe(2);
  });

  it('keeps a failure no longer than an answer', async () => {
    let asked = 0;
    const ask = askSeldom(async () => {
      asked += 1;
      if (asked === 1) throw new Error('away');
      return 'there';
    }, 20);
    const first = await Promise.allSettled([ask(), ask(), ask()]);
    expect([asked, first.map(({ status }) => status)]).toEqual([1, Array(3).fill('rejected')]);
    await expect.poll(() => ask().catch(() => 'away')).toBe('there');
  });
});
