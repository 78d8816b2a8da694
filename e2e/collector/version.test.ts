import { expect, it } from 'vitest';
import { isAtLeast } from './version.ts';

it.each([
  ['0.146.0', '0.146.0', true],
  ['0.161.0', '0.146.0', true],
  ['1.0.0', '0.146.0', true],
  ['0.145.9', '0.146.0', false],
  ['0.99.0', '0.146.0', false],
  ['0.146', '0.146.0', false],
  ['devel', '0.146.0', false],
])('%s is at least %s: %s', (version, minimum, expected) => {
  expect(isAtLeast(version, minimum)).toBe(expected);
});
