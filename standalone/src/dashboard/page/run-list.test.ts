import { describe, expect, it } from 'vitest';
import { runOf as run } from '../testing/run-of.ts';
import type { Run } from './run-client.js';
import { appendOlder, emptyList, mergeNewest } from './run-list.js';

const runs = (ids: string): Run[] => Array.from(ids, (id) => run(id));
const page = (ids: string, cursor: string | null) => ({ runs: runs(ids), next_cursor: cursor });
const ids = (list: { runs: Run[] }): string => list.runs.map(({ run_id: id }) => id).join('');

describe('mergeNewest', () => {
  it('starts with the first page', () => {
    expect(mergeNewest(emptyList, page('cba', 'x'))).toEqual({ runs: runs('cba'), cursor: 'x' });
  });

  it('puts new runs in front, and keeps what follows the page with its cursor', () => {
    const merged = mergeNewest({ runs: runs('dcba'), cursor: 'old' }, page('fed', 'new'));
    expect([ids(merged), merged.cursor]).toEqual(['fedcba', 'old']);
  });

  it('takes the newer record of a run', () => {
    const list = { runs: [run('a', { status: 'unknown' })], cursor: null };
    const merged = mergeNewest(list, { runs: [run('a', { status: 'ok' })], next_cursor: null });
    expect(merged.runs[0]?.status).toBe('ok');
  });

  it('drops runs that have left the filter', () => {
    const merged = mergeNewest({ runs: runs('dcba'), cursor: null }, page('edb', 'x'));
    expect(ids(merged)).toBe('edba');
  });

  it('starts again where page and list do not meet', () => {
    const merged = mergeNewest({ runs: runs('cba'), cursor: 'old' }, page('zyx', 'new'));
    expect([ids(merged), merged.cursor]).toEqual(['zyx', 'new']);
  });

  it('holds nothing but the page when the page is all there is', () => {
    const merged = mergeNewest({ runs: runs('cba'), cursor: 'old' }, page('b', null));
    expect([ids(merged), merged.cursor]).toEqual(['b', null]);
  });

  it('starts again instead of growing without end', () => {
    const many = Array.from({ length: 2000 }, (_, index) => run(`r${index}`));
    const merged = mergeNewest(
      { runs: many, cursor: 'old' },
      { runs: [run('new'), run('r0')], next_cursor: 'new' },
    );
    expect([merged.runs.length, merged.cursor]).toEqual([2, 'new']);
  });

  it('keeps a run that shares its id with a newer one of another namespace', () => {
    const older = run('a', { namespace: 'one' });
    const newer = run('a', { namespace: 'two' });
    const list = { runs: [run('b'), older, run('c')], cursor: 'old' };
    const merged = mergeNewest(list, { runs: [newer, run('b')], next_cursor: 'new' });
    expect(merged.runs).toEqual([newer, run('b'), older, run('c')]);
  });
});

describe('appendOlder', () => {
  it('adds what is not known yet and goes on from the new cursor', () => {
    const list = appendOlder({ runs: runs('fed'), cursor: 'x' }, page('dcb', 'y'));
    expect([ids(list), list.cursor]).toEqual(['fedcb', 'y']);
  });

  it('adds a run that shares its id with one of another namespace', () => {
    const newer = run('a', { namespace: 'two' });
    const older = run('a', { namespace: 'one' });
    const list = appendOlder(
      { runs: [newer], cursor: 'x' },
      { runs: [newer, older], next_cursor: null },
    );
    expect(list.runs).toEqual([newer, older]);
  });
});
