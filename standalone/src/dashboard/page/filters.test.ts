import { describe, expect, it } from 'vitest';
import { filtersToQuery, filtersToSearch, readFilters } from './filters.js';

const none = { q: '', service: '', namespace: null, status: 'all', range: 'all' };

describe('readFilters', () => {
  it.each([
    ['', none],
    ['?q=a+b%26c&service=orders', { ...none, q: 'a b&c', service: 'orders' }],
    ['?status=failed&range=24h', { ...none, status: 'failed', range: '24h' }],
    ['?namespace=shop', { ...none, namespace: 'shop' }],
    ['?namespace=', { ...none, namespace: '' }],
    ['?status=constructor&range=toString', none],
    ['?status=unknown&range=', none],
  ])('reads %j', (search, filters) => {
    expect(readFilters(search)).toEqual(filters);
  });
});

describe('filtersToSearch', () => {
  it.each([
    '',
    '?q=a+b%26c',
    '?service=x&status=ok&range=15m',
    '?q=x&namespace=',
    '?namespace=a%3Db',
  ])('gives %j back', (search) => {
    expect(filtersToSearch(readFilters(search))).toBe(search);
  });
});

describe('filtersToQuery', () => {
  it('asks for a time before now', () => {
    const now = Date.parse('2026-01-02T00:00:00Z');
    const query = filtersToQuery(readFilters('?range=1h&status=failed&q=x'), now);
    expect(Object.fromEntries(query)).toEqual({
      status: 'failed',
      q: 'x',
      since: '2026-01-01T23:00:00.000Z',
    });
  });

  it('asks for a namespace only where one was chosen, the empty one too', () => {
    const asked = (search: string) => filtersToQuery(readFilters(search), 0).getAll('namespace');
    expect([asked(''), asked('?namespace='), asked('?namespace=a')]).toEqual([[], [''], ['a']]);
  });

  it('asks for everything without filters', () => {
    expect(filtersToQuery(readFilters(''), 0).toString()).toBe('status=all');
  });
});
