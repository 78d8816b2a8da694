import { describe, expect, it } from 'vitest';
import { SettingError, Unauthenticated } from '../errors.ts';
import { createApiKey, createApiKeyGuard, parseApiKeys } from './api-keys.ts';

function request(headers: Record<string, string>): Request {
  return new Request('http://api.example.org/api/runs', { headers });
}

describe('createApiKeyGuard', () => {
  const first = createApiKey('first');
  const second = createApiKey('second');
  const guard = createApiKeyGuard([
    first.entry,
    { ...second.entry, permissions: ['runs:read'], namespaces: ['shop'], services: ['orders'] },
  ]);

  it.each([
    ['a bearer token', { Authorization: `Bearer ${first.key}` }, 'first'],
    ['a bearer token in any case', { authorization: `bearer ${first.key}` }, 'first'],
    ['X-API-Key', { 'X-API-Key': second.key }, 'second'],
  ])('knows a key by %s', (_, headers, name) => {
    expect(guard(request(headers)).name).toBe(name);
  });

  it('gives the permissions and the scope of the key', () => {
    expect(guard(request({ 'X-API-Key': second.key }))).toEqual({
      name: 'second',
      permissions: new Set(['runs:read']),
      scope: { namespaces: ['shop'], services: ['orders'] },
    });
  });

  it.each([
    ['nothing', {}],
    ['an unknown key', { 'X-API-Key': createApiKey('other').key }],
    ['the stored hash', { 'X-API-Key': first.entry.sha256 }],
    ['a part of a key', { 'X-API-Key': first.key.slice(0, -1) }],
    ['an empty key', { 'X-API-Key': '' }],
    ['another scheme', { Authorization: `Basic ${first.key}` }],
    ['two keys at once', { Authorization: `Bearer ${first.key} ${second.key}` }],
  ])('refuses %s', (_, headers) => {
    expect(() => guard(request(headers))).toThrow(Unauthenticated);
  });

  it('does not fall back to X-API-Key when a wrong bearer token is sent', () => {
    const headers = { Authorization: 'Bearer wrong', 'X-API-Key': first.key };
    expect(() => guard(request(headers))).toThrow(Unauthenticated);
  });
});

describe('parseApiKeys', () => {
  const { entry } = createApiKey('ops');

  it('reads what createApiKey gives, with everything allowed by default', () => {
    const { name, sha256, permissions } = entry;
    const file = JSON.stringify({ keys: [{ name, sha256, permissions }] });
    expect(parseApiKeys(file, 'keys.json')).toEqual([entry]);
  });

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
    expect(() => parseApiKeys(text, 'keys.json')).toThrow(SettingError);
    expect(() => parseApiKeys(text, 'keys.json')).toThrow(where);
    expect(() => parseApiKeys(text, 'keys.json')).toThrow('FAILTRACE_API_KEYS_FILE="keys.json"');
  });
});
