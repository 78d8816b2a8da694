import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { linkProblems } from './link-problems.ts';

const file = fileURLToPath(new URL('../docs/made-up.md', import.meta.url));

it.each([
  ['a file', '[a](missing.md)', 'missing.md'],
  ['a heading of one', '[a](missing.md#there)', 'missing.md#there'],
  ['a folder', 'see [a](../missing/)', '../missing/'],
  ['a picture', '![a](img/missing.png "title")', 'img/missing.png'],
  ['a picture in a link', '[![a](missing.png)](architecture.md)', 'missing.png'],
  ['a link with a name', '[a]: missing.md', 'missing.md'],
  ['code in a link', '[`a`](missing.ts)', 'missing.ts'],
])('names %s that is not there', (_name, markdown, link) => {
  expect(linkProblems(file, markdown)).toEqual([`${link} leads to nothing`]);
});

it.each([
  ['a file', '[a](architecture.md)'],
  ['a heading of one', '[a](architecture.md#parts)'],
  ['a folder', '[a](decisions/)'],
  ['a file above', '[`README.md`](../README.md)'],
  ['a heading of its own', '[a](#b)'],
  ['another site', '[a](https://example.org/missing.md) [b](mailto:a@example.org)'],
  ['code', '`[a](missing.md)` and\n\n```md\n[a](missing.md)\n```\n'],
])('finds nothing wrong with %s', (_name, markdown) => {
  expect(linkProblems(file, markdown)).toEqual([]);
});
