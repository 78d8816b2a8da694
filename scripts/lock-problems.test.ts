import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { lockProblems, type Lock } from './lock-problems.ts';

const sound = { integrity: 'sha512-MV7zzVHwCD…' };

function problemsWith(place: string, entry: Lock['packages'][string]): string[] {
  return lockProblems({ packages: { '': {}, 'node_modules/sound': sound, [place]: entry } });
}

it.each([
  ['no integrity', {}, ['node_modules/x has no sha512 integrity']],
  ['a weak one', { integrity: 'sha1-2jmj7l5r' }, ['node_modules/x has no sha512 integrity']],
  [
    'a place to fetch it from',
    { ...sound, resolved: 'https://registry.example.org/x.tgz' },
    ['node_modules/x names where it is fetched from: https://registry.example.org/x.tgz'],
  ],
])('names an entry with %s', (_name, entry, problems) => {
  expect(problemsWith('node_modules/x', entry)).toEqual(problems);
});

it('looks at what is installed below a workspace, too', () => {
  expect(problemsWith('api/node_modules/x', {})).toHaveLength(1);
});

it.each([
  ['a workspace', 'api', {}],
  ['a link to a workspace', 'node_modules/@failtrace/api', { link: true, resolved: 'api' }],
])('finds nothing wrong with %s', (_name, place, entry) => {
  expect(problemsWith(place, entry)).toEqual([]);
});

it('finds nothing wrong with the lock file of this repository', () => {
  const text = readFileSync(new URL('../package-lock.json', import.meta.url), 'utf8');
  const lock = JSON.parse(text) as Lock;
  expect(Object.keys(lock.packages).length).toBeGreaterThan(100);
  expect(lockProblems(lock)).toEqual([]);
});
