import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { chooseCoding } from './accept-encoding.ts';

it.each([
  [undefined, 'identity'],
  ['', 'identity'],
  ['identity', 'identity'],
  ['br', 'identity'],
  ['gzip', 'gzip'],
  ['GZIP', 'gzip'],
  ['x-gzip', 'gzip'],
  ['*', 'gzip'],
  ['gzip, deflate, br, zstd', 'gzip'],
  ['gzip;q=0', 'identity'],
  ['gzip;q=0.000', 'identity'],
  ['gzip;q=0.001', 'gzip'],
  ['*;q=0', 'identity'],
  ['gzip;q=0, *', 'identity'],
  ['gzip, identity', 'identity'],
  ['gzip;q=0.5, identity', 'identity'],
  ['gzip ; q=1.0 , identity;q=0.5', 'gzip'],
  ['identity;q=0, gzip', 'gzip'],
  ['gzip;q=2', 'identity'],
  ['gzip;q=high', 'identity'],
  ['gzipped', 'identity'],
])('%j asks for %s', (header, coding) => {
  expect(chooseCoding(header)).toBe(coding);
});

it('never sends gzip to a client that did not name it or *', () => {
  fc.assert(
    fc.property(fc.string(), (header) => {
      fc.pre(!/gzip|\*/i.test(header));
      expect(chooseCoding(header)).toBe('identity');
    }),
  );
});
