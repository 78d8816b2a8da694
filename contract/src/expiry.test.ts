import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { failureExpiry, SECONDS_PER_DAY, stackTextExpiry } from './expiry.ts';

describe('expiry', () => {
  it('is the retention after now, in whole seconds', () => {
    expect(failureExpiry(1_700_000_000_999, 60_000)).toBe(1_700_000_060);
  });

  it('lets a stack text outlive its failure by one to two days, to midnight UTC', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 4_000_000_000 }), (failure) => {
        const text = stackTextExpiry(failure);
        expect(text % SECONDS_PER_DAY).toBe(0);
        expect(text - failure).toBeGreaterThan(SECONDS_PER_DAY);
        expect(text - failure).toBeLessThanOrEqual(2 * SECONDS_PER_DAY);
      }),
    );
  });

  it('gives all failures of one day the same text', () => {
    expect(stackTextExpiry(86_399)).toBe(stackTextExpiry(0));
    expect(stackTextExpiry(86_400)).not.toBe(stackTextExpiry(86_399));
  });
});
