import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { createKey, createKeyFinder, parseKeys, presentedKey } from './keys.ts';
import { SettingError } from './settings.ts';

const form = {
  setting: 'KEYS_FILE',
  shape: { namespace: z.string().optional() },
  allowed: 'a list of keys',
};
const read = (value: unknown) =>
  parseKeys(typeof value === 'string' ? value : JSON.stringify(value), form);

describe('a file of keys', () => {
  it('has a name and a hash for each key, and what is asked for besides', () => {
    const { entry } = createKey('ci');
    expect(read({ keys: [{ ...entry, namespace: 'shop' }] })).toEqual([
      { ...entry, namespace: 'shop' },
    ]);
  });

  it.each([
    ['no JSON', '{', 'the file is not JSON'],
    ['no keys', { keys: [] }, 'keys'],
    ['a key in the open', { keys: [{ name: 'a', key: 'secret' }] }, 'keys.0'],
    ['a hash that is none', { keys: [{ name: 'a', sha256: 'AB' }] }, 'keys.0.sha256'],
    ['an entry that is none', { keys: [null] }, 'keys.0: '],
    ['a hash under a name', { keys: [{ name: 'ci', sha256: 'AB' }] }, 'keys.0.sha256 of "ci": '],
    [
      'a misspelt limit',
      { keys: [{ ...createKey('a').entry, namspace: 'x' }] },
      'Unrecognized key: "namspace"',
    ],
  ])('is refused for %s', (_, value, where) => {
    expect(() => read(value)).toThrow(SettingError);
    expect(() => read(value)).toThrow(/^KEYS_FILE: .*Allowed: a list of keys\.$/s);
    expect(() => read(value)).toThrow(where);
  });
});

describe('createKeyFinder', () => {
  it('finds the entry of a key, and none for anything else', () => {
    const [one, two] = [createKey('one'), createKey('two')];
    const find = createKeyFinder([one.entry, two.entry]);
    expect(find(two.key)?.name).toBe('two');
    expect(find(one.key)?.name).toBe('one');
    for (const wrong of ['', 'x', one.key.slice(1), `${one.key} `, one.entry.sha256]) {
      expect(find(wrong)).toBeUndefined();
    }
  });
});

describe('presentedKey', () => {
  it.each([
    [{ authorization: 'Bearer abc' }, 'abc'],
    [{ authorization: 'bearer  abc' }, 'abc'],
    [{ 'x-api-key': 'abc' }, 'abc'],
    [{ authorization: 'Basic abc' }, undefined],
    [{ authorization: 'Bearer a b' }, undefined],
    [{}, undefined],
  ])('of %j is %j', (headers, key) => {
    expect(presentedKey(headers)).toBe(key);
  });
});
