import {
  createKey,
  createKeyFinder,
  parseKeys,
  presentedKey,
  type KeyEntry,
} from '@failtrace/contract/server';
import { z } from 'zod';
import { Unauthenticated } from '../errors.ts';
import type { Scope } from '../read/scope.ts';
import { permissions } from './caller.ts';
import type { Caller, Guard, Permission } from './caller.ts';

/** The setting that names the file of keys. */
export const API_KEYS_SETTING = 'FAILTRACE_API_KEYS_FILE';

/** What a key opens. Each part must be said: a missing one would have to mean everything or nothing. */
export interface KeyGrant extends Scope {
  permissions: Permission[];
}

/** One API key as it is stored: by its hash, never by itself. */
export type ApiKeyEntry = KeyEntry & KeyGrant;

const names = z.union([z.literal('*'), z.array(z.string())], {
  error: ({ input }) =>
    input === undefined ? 'is not said; "*" means all, [] none' : 'must be "*" or a list',
});

const grantShape = {
  permissions: z.array(z.enum(permissions)).min(1),
  namespaces: names,
  services: names,
};

/**
 * Reads the text of the file that `FAILTRACE_API_KEYS_FILE` names:
 *
 *     { "keys": [{ "name": "dashboard", "sha256": "<64 hex digits>",
 *                  "permissions": ["runs:read", "traces:read"],
 *                  "namespaces": "*", "services": ["orders"] }] }
 *
 * @throws SettingError the text is no such JSON, or a key does not say what it opens; says where
 */
export function parseApiKeys(text: string): ApiKeyEntry[] {
  const known = permissions.map((name) => `"${name}"`).join(', ');
  return parseKeys(text, {
    setting: API_KEYS_SETTING,
    shape: grantShape,
    allowed:
      `{"keys": [{"name", "sha256", "permissions": [${known}], ` +
      `"namespaces": "*" or a list, "services": "*" or a list}]}, all of them`,
  });
}

/** Lets in callers with a known API key: `Authorization: Bearer <key>` or `X-API-Key: <key>`. */
export function createApiKeyGuard(entries: readonly ApiKeyEntry[]): Guard {
  const findKey = createKeyFinder(entries);
  return async (request) => {
    const key = presentedKey(Object.fromEntries(request.headers));
    const entry = key === undefined ? undefined : findKey(key);
    if (!entry) throw new Unauthenticated();
    return toCaller(entry);
  };
}

/** A new key, to be shown once, and what to store in its place. */
export function createApiKey(name: string, grant: KeyGrant): { key: string; entry: ApiKeyEntry } {
  const { key, entry } = createKey(name);
  return { key, entry: { ...entry, ...grant } };
}

function toCaller(entry: ApiKeyEntry): Caller {
  return {
    name: entry.name,
    permissions: new Set(entry.permissions),
    scope: { namespaces: entry.namespaces, services: entry.services },
  };
}
