import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { z } from 'zod';
import { SettingError } from './settings.ts';

/** What every entry of a file of keys has: a name for the log, and the hash of the key. */
export interface KeyEntry {
  name: string;
  /** SHA-256 of the key, 64 lower-case hex digits. */
  sha256: string;
}

const ownShape = {
  name: z.string().min(1).max(200),
  sha256: z.string().regex(/^[0-9a-f]{64}$/, 'must be 64 lower-case hex digits'),
};

/**
 * Reads the text of a file of keys: `{"keys": [{"name", "sha256", …}]}`, with what `shape` says of an
 * entry besides. What is not named there is refused, so that a misspelt limit is no missing limit.
 *
 * @throws SettingError the text is no such JSON; names the setting, the place and the key's name, and
 *   not the file: somebody may have put a key itself where its file belongs
 */
export function parseKeys<Shape extends z.ZodRawShape>(
  text: string,
  { setting, shape, allowed }: { setting: string; shape: Shape; allowed: string },
): (KeyEntry & z.output<z.ZodObject<Shape>>)[] {
  const refuse = (why: string) => new SettingError(`${setting}: ${why}. Allowed: ${allowed}.`);
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    throw refuse('the file is not JSON');
  }
  const entry = z.strictObject({ ...shape, ...ownShape });
  const parsed = z.strictObject({ keys: z.array(entry).min(1) }).safeParse(json);
  if (parsed.success) {
    // TypeScript cannot work out the type of a schema whose shape is a type parameter.
    return parsed.data.keys as unknown as (KeyEntry & z.output<z.ZodObject<Shape>>)[];
  }
  const issue = parsed.error.issues[0];
  const place = issue?.path.join('.') || 'the file';
  throw refuse(`${place}${nameOfEntry(json, issue?.path)}: ${issue?.message}`);
}

/** An index says little in a long file, so an entry is called by its name where it has one. */
function nameOfEntry(json: unknown, path: readonly PropertyKey[] = []): string {
  const index = path[1];
  if (typeof index !== 'number') return '';
  const { name } = (json as { keys: Record<number, { name?: unknown } | null> }).keys[index] ?? {};
  return typeof name === 'string' ? ` of ${JSON.stringify(name)}` : '';
}

/**
 * Finds the entry of a key that was presented.
 *
 * The keys are random and long, so one plain SHA-256 protects them at rest; a slow hash is for what
 * people choose themselves.
 */
export function createKeyFinder<Entry extends KeyEntry>(
  entries: readonly Entry[],
): (key: string) => Entry | undefined {
  const known = entries.map((entry) => ({ entry, hash: Buffer.from(entry.sha256, 'hex') }));
  return (key) => {
    const presented = sha256(key);
    // Every key is compared, and each in constant time: how long it takes tells nothing.
    let found: Entry | undefined;
    for (const { entry, hash } of known) {
      if (timingSafeEqual(hash, presented)) found ??= entry;
    }
    return found;
  };
}

/** The key of a request: `Authorization: Bearer <key>` or `X-API-Key: <key>`. */
export function presentedKey(headers: IncomingHttpHeaders): string | undefined {
  const bearer = /^Bearer +([^\s]+)$/i.exec(headers.authorization ?? '')?.[1];
  const other = headers['x-api-key'];
  return bearer ?? (typeof other === 'string' ? other : undefined);
}

/** A new key of 256 random bits, to be shown once, and the entry to store in its place. */
export function createKey(name: string): { key: string; entry: KeyEntry } {
  const key = `ft_${randomBytes(32).toString('base64url')}`;
  return { key, entry: { name, sha256: sha256(key).toString('hex') } };
}

function sha256(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
