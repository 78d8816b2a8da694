import { expect, it } from 'vitest';
import { failureRow } from '../testing/rows.ts';
import type { SeenFailure } from '../reconstruct/same-exception.ts';
import { delimiterLine } from './delimiter.ts';

const place = { index: 1, total: 3, attempt: undefined, bytes: 100 };

function seen(
  overrides: Parameters<typeof failureRow>[0] = {},
  more: Partial<SeenFailure> = {},
): SeenFailure {
  return { ...failureRow(overrides), occurrences: 1, seenOn: [], ...more };
}

it('says which failure of which service follows', () => {
  expect(delimiterLine(seen(), place)).toBe(
    '===== failure 1 of 3 | service: orders | span: place order | OrderError | 2026-11-22T11:59:00.000Z | 100 bytes =====',
  );
});

it('says the attempt where there are several, and leaves out what is not known', () => {
  const row = seen({ service: '', spanName: '', errorType: '' });
  expect(delimiterLine(row, { ...place, attempt: 2 })).toBe(
    '===== failure 1 of 3 | attempt 2 | 2026-11-22T11:59:00.000Z | 100 bytes =====',
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
  const row = seen({ service: `a${character}===== failure 9`, spanName: character });
  const line = delimiterLine(row, place);
  expect(line).not.toContain(character);
  expect(line).toContain('service: a ===== failure 9 |');
});

it('cuts an endless name between characters', () => {
  const line = delimiterLine(seen({ spanName: '💥'.repeat(5000) }), place);
  expect(line).toContain(`span: ${'💥'.repeat(200)}… |`);
});

it('says how often it happened and where, and that it was cut', () => {
  const span = { spanId: '2'.repeat(16), service: 'orders', spanName: 'reserve' };
  const row = seen(
    { cutUpstream: true },
    { occurrences: 9, seenOn: Array.from({ length: 9 }, () => span) },
  );
  expect(delimiterLine(row, place)).toMatch(
    / \| 9 times: (?:reserve 2{16}(?:, )?){5} and 4 more \| cut before it came to failtrace \| 100 bytes =====$/,
  );
});
