import { describe, expect, it } from 'vitest';
import { duration, exactTime, relativeTime } from './time.js';

const minute = 60_000;
const hour = 60 * minute;

describe('relativeTime', () => {
  it.each([
    [-9000, 'just now'],
    [4999, 'just now'],
    [5000, '5 s ago'],
    [minute - 1, '59 s ago'],
    [minute, '1 min ago'],
    [hour - 1, '59 min ago'],
    [23 * hour, '23 h ago'],
    [49 * hour, '2 d ago'],
  ])('%d ms ago is "%s"', (age, text) => {
    expect(relativeTime(1_000_000_000 - age, 1_000_000_000)).toBe(text);
  });
});

describe('duration', () => {
  it.each([
    [0, '0 ms'],
    [999, '999 ms'],
    [1000, '1.0 s'],
    [12_400, '12 s'],
    [minute, '1 min'],
    [2 * minute + 3000, '2 min 3 s'],
    [hour + 4 * minute, '1 h 4 min'],
    [26 * hour, '1 d 2 h'],
  ])('%d ms is "%s"', (milliseconds, text) => {
    expect(duration(milliseconds)).toBe(text);
  });
});

describe('exactTime', () => {
  it('keeps the milliseconds', () => {
    expect(exactTime(Date.parse('2026-01-02T03:04:05.678Z'))).toContain('678');
  });
});
