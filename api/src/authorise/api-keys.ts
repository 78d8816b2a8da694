import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { z } from 'zod';
import { SettingError, Unauthenticated } from '../errors.ts';
import { permissions } from './caller.ts';
import type { Caller, Guard } from './caller.ts';

const names = z.union([z.literal('*'), z.array(z.string())]).default('*');

const entrySchema = z.strictObject({
  name: z.string().min(1),
  sha256: z.string().regex(/^[0-9a-f]{64}$/, 'must be 64 lower-case hex digits'),
  permissions: z.array(z.enum(permissions)).min(1),
  namespaces: names,
  services: names,
});

const fileSchema = z.strictObject({ keys: z.array(entrySchema).min(1) });

/** One API key as it is stored: by its hash, never by itself. */
export type ApiKeyEntry = z.infer<typeof entrySchema>;

/**
 * Reads the text of the file that `FAILTRACE_API_KEYS_FILE` names:
 *
 *     { "keys": [{ "name": "dashboard", "sha256": "<64 hex digits>",
 *                  "permissions": ["runs:read", "traces:read"],
 *                  "namespaces": "*", "services": ["orders"] }] }
 *
 * @throws SettingError the text is no such JSON; says where
 */
export function parseApiKeys(text: string, file: string): ApiKeyEntry[] {
  const refuse = (why: string) =>
    new SettingError(
      `FAILTRACE_API_KEYS_FILE="${file}": ${why}. Allowed: {"keys": [{"name", "sha256", ` +
        `"permissions": [${permissions.map((name) => `"${name}"`).join(', ')}], ` +
        `"namespaces": "*" or a list, "services": "*" or a list}]}.`,
    );
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    throw refuse('the file is not JSON');
  }
  const parsed = fileSchema.safeParse(json);
  if (parsed.success) return parsed.data.keys;
  const issue = parsed.error.issues[0];
  throw refuse(`${issue?.path.join('.') || 'the file'}: ${issue?.message}`);
}

/**
 * Lets in callers with a known API key: `Authorization: Bearer <key>` or `X-API-Key: <key>`.
 *
 * The keys are random and long, so one plain SHA-256 protects them at rest; a slow hash is for
 * what people choose themselves.
 */
export function createApiKeyGuard(entries: readonly ApiKeyEntry[]): Guard {
  const known = entries.map((entry) => ({
    hash: Buffer.from(entry.sha256, 'hex'),
    caller: toCaller(entry),
  }));
  return (request) => {
    const key = presentedKey(request.headers);
    if (key === undefined) throw new Unauthenticated();
    const hash = sha256(key);
    // Every key is compared, and each in constant time: how long it takes tells nothing.
    let caller: Caller | undefined;
    for (const entry of known) {
      if (timingSafeEqual(entry.hash, hash)) caller ??= entry.caller;
    }
    if (!caller) throw new Unauthenticated();
    return caller;
  };
}

/** A new key, to be shown once, and what to store in its place. */
export function createApiKey(name: string): { key: string; entry: ApiKeyEntry } {
  const key = `ft_${randomBytes(32).toString('base64url')}`;
  return {
    key,
    entry: {
      name,
      sha256: sha256(key).toString('hex'),
      permissions: [...permissions],
      namespaces: '*',
      services: '*',
    },
  };
}

function presentedKey(headers: Headers): string | undefined {
  const bearer = /^Bearer +([^\s]+)$/i.exec(headers.get('authorization') ?? '')?.[1];
  return bearer ?? headers.get('x-api-key') ?? undefined;
}

function sha256(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}

function toCaller(entry: ApiKeyEntry): Caller {
  return {
    name: entry.name,
    permissions: new Set(entry.permissions),
    scope: { namespaces: entry.namespaces, services: entry.services },
  };
}
