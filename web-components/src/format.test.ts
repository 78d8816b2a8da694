import { describe, expect, it } from 'vitest';
import { fill, formatBytes, formatTime, usableLocale } from './format.ts';

describe('formatBytes', () => {
  it.each([
    [0, '0 bytes'],
    [999, '999 bytes'],
    [1_000, '1 kB'],
    [12_400, '12.4 kB'],
    [10_000_000, '10 MB'],
    [2_500_000_000, '2.5 GB'],
    [7_000_000_000_000, '7,000 GB'],
  ])('writes %d as %j', (bytes, text) => {
    expect(formatBytes(bytes, 'en')).toBe(text);
  });

  it('follows the language', () => {
    expect(formatBytes(12_400, 'de')).toBe('12,4 kB');
  });
});

describe('formatTime', () => {
  it('shows seconds, in the language of the page', () => {
    expect(formatTime('2026-11-22T13:04:06.480Z', 'en-GB')).toMatch(/^22 Nov 2026, \d\d:04:06$/);
  });

  it('shows nothing for what is no time', () => {
    expect(formatTime('soon', 'en')).toBe('');
  });
});

describe('fill', () => {
  it('puts values in, as they are', () => {
    expect(fill('{heading}, run {run}', { heading: '{run}', run: '$1' })).toBe('{run}, run $1');
    expect(fill('{nobody}', {})).toBe('{nobody}');
  });
});

describe('usableLocale', () => {
  it.each([
    ['de-CH', 'de-CH'],
    ['EN-gb', 'en-GB'],
    ['', undefined],
    [null, undefined],
    ['not a language', undefined],
  ])('takes %j as %j', (tag, locale) => {
    expect(usableLocale(tag)).toBe(locale);
  });
});
