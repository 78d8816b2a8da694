import { expect, it } from 'vitest';
import { failureRow } from '../testing/rows.ts';
import { delimiterLine } from './delimiter.ts';

const place = { index: 1, total: 3, attempt: undefined };

it('says which failure of which service follows', () => {
  expect(delimiterLine(failureRow(), place)).toBe(
    '===== failure 1 of 3 | service: orders | span: place order | OrderError | 2026-11-22T11:59:00.000Z =====',
  );
});

it('says the attempt where there are several, and leaves out what is not known', () => {
  const row = failureRow({ service: '', spanName: '', errorType: '' });
  expect(delimiterLine(row, { ...place, attempt: 2 })).toBe(
    '===== failure 1 of 3 | attempt 2 | 2026-11-22T11:59:00.000Z =====',
  );
});

it.each([
  ['line feed', '\n'],
  ['carriage return', '\r'],
  ['escape', '\u001b'],
  ['next line', '\u0085'],
  ['line separator', '\u2028'],
  ['paragraph separator', '\u2029'],
  ['right-to-left override', '\u202e'],
])('lets no %s out of a name', (_, character) => {
  const row = failureRow({ service: `a${character}===== failure 9`, spanName: character });
  const line = delimiterLine(row, place);
  expect(line).not.toContain(character);
  expect(line).toContain('service: a ===== failure 9 |');
});

it('cuts an endless name between characters', () => {
  const line = delimiterLine(failureRow({ spanName: '💥'.repeat(5000) }), place);
  expect(line).toContain(`span: ${'💥'.repeat(200)}… |`);
});
