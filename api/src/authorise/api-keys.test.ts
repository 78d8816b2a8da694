import { SettingError } from '@failtrace/contract/server';
import { describe, expect, it } from 'vitest';
import { Unauthenticated } from '../errors.ts';
import { createApiKey, createApiKeyGuard, parseApiKeys, type KeyGrant } from './api-keys.ts';

const everything: KeyGrant = {
  permissions: ['runs:read', 'traces:read'],
  namespaces: '*',
  services: '*',
};

function request(headers: Record<string, string>): Request {
  return new Request('http://api.example.org/api/runs', { headers });
}

describe('createApiKeyGuard', () => {
  const first = createApiKey('first', everything);
  const second = createApiKey('second', everything);
  const guard = createApiKeyGuard([
    first.entry,
    { ...second.entry, permissions: ['runs:read'], namespaces: ['shop'], services: ['orders'] },
  ]);

  it.each([
    ['a bearer token', { Authorization: `Bearer ${first.key}` }, 'first'],
    ['a bearer token in any case', { authorization: `bearer ${first.key}` }, 'first'],
    ['X-API-Key', { 'X-API-Key': second.key }, 'second'],
  ])('knows a key by %s', async (_, headers, name) => {
    expect((await guard(request(headers))).name).toBe(name);
  });

  it('gives the permissions and the scope of the key', async () => {
    expect(await guard(request({ 'X-API-Key': second.key }))).toEqual({
      name: 'second',
      permissions: new Set(['runs:read']),
      scope: { namespaces: ['shop'], services: ['orders'] },
    });
  });

  it.each([
    ['nothing', {}],
    ['an unknown key', { 'X-API-Key': createApiKey('other', everything).key }],
    ['the stored hash', { 'X-API-Key': first.entry.sha256 }],
    ['a part of a key', { 'X-API-Key': first.key.slice(0, -1) }],
    ['an empty key', { 'X-API-Key': '' }],
    ['another scheme', { Authorization: `Basic ${first.key}` }],
    ['two keys at once', { Authorization: `Bearer ${first.key} ${second.key}` }],
  ])('refuses %s', async (_, headers) => {
    await expect(guard(request(headers))).rejects.toThrow(Unauthenticated);
  });

  it('does not fall back to X-API-Key when a wrong bearer token is sent', async () => {
    const headers = { Authorization: 'Bearer wrong', 'X-API-Key': first.key };
    await expect(guard(request(headers))).rejects.toThrow(Unauthenticated);
  });
});

describe('parseApiKeys', () => {
  const { entry } = createApiKey('ops', everything);

  it('reads what createApiKey gives', () => {
    expect(parseApiKeys(JSON.stringify({ keys: [entry] }))).toEqual([entry]);
  });

  it.each(['permissions', 'namespaces', 'services'] as const)(
    'takes a key that does not say its %s for no key, and names it',
    (part) => {
      const { [part]: _, ...unsaid } = entry;
      const read = () =>
        parseApiKeys(JSON.stringify({ keys: [entry, { ...unsaid, name: 'unsaid' }] }));
      expect(read).toThrow(SettingError);
      expect(read).toThrow(`FAILTRACE_API_KEYS_FILE: keys.1.${part} of "unsaid": `);
    },
  );

  it.each([
    ['no JSON', '{', 'not JSON'],
    ['no keys', '{"keys":[]}', 'keys'],
    [
      'a key in the clear',
      JSON.stringify({ keys: [{ ...entry, sha256: 'secret' }] }),
      'keys.0.sha256',
    ],
    [
      'an unknown permission',
      JSON.stringify({ keys: [{ ...entry, permissions: ['x'] }] }),
      'permissions',
    ],
    ['no permission', JSON.stringify({ keys: [{ ...entry, permissions: [] }] }), 'permissions'],
    ['a misspelt scope', JSON.stringify({ keys: [{ ...entry, service: ['a'] }] }), 'keys.0'],
    [
      'a scope that is no list',
      JSON.stringify({ keys: [{ ...entry, services: 'a' }] }),
      'services',
    ],
  ])('refuses %s and says where', (_, text, where) => {
    expect(() => parseApiKeys(text)).toThrow(SettingError);
    expect(() => parseApiKeys(text)).toThrow(where);
    expect(() => parseApiKeys(text)).toThrow('FAILTRACE_API_KEYS_FILE: ');
  });
});
