import { describe, expect, it } from 'vitest';
import { retryDelay } from './poller.js';

describe('retryDelay', () => {
  it('doubles up to half a minute', () => {
    const delays = [1, 2, 3, 4, 5, 6, 5000].map((failures) => retryDelay(failures, 2000));
    expect(delays).toEqual([2000, 4000, 8000, 16_000, 30_000, 30_000, 30_000]);
  });
});
