import { z } from 'zod';
import type { AuthSettings } from './authorise/guard.ts';
import { isLoopbackHost } from './authorise/loopback.ts';
import { SettingError } from './errors.ts';

/** Environment variables, or a record of the same form. An empty value counts as not set. */
export type Env = Record<string, string | undefined>;

/** Where the API listens, and whom it answers. */
export interface ApiSettings {
  host: string;
  port: number;
  auth: AuthSettings;
  corsOrigins: string[];
}

/**
 * Reads the API's settings.
 *
 * | key | default | allowed |
 * |---|---|---|
 * | `FAILTRACE_HOST` | `127.0.0.1` | a host name or an address |
 * | `FAILTRACE_API_PORT` | `8080` | 0 to 65535 |
 * | `FAILTRACE_AUTH` | `none` | `none` on a loopback host, `api-key` |
 * | `FAILTRACE_API_KEYS_FILE` | | a path; needed for `api-key` |
 * | `FAILTRACE_CORS_ORIGINS` | | origins, separated by commas |
 *
 * @throws SettingError names the key, the value and what is allowed
 */
export function readApiSettings(env: Env): ApiSettings {
  const host = read(env, 'FAILTRACE_HOST', hostSchema, 'a host name or an address', '127.0.0.1');
  return {
    host,
    port: read(env, 'FAILTRACE_API_PORT', portSchema, 'a port from 0 to 65535', '8080'),
    auth: readAuth(env, host),
    corsOrigins: read(
      env,
      'FAILTRACE_CORS_ORIGINS',
      originsSchema,
      'origins such as https://ops.example.org, separated by commas',
      '',
    ),
  };
}

/**
 * Reads `CLICKHOUSE_URL`. The path of the URL names the database, `failtrace` where it has none.
 *
 * @throws SettingError it is not set, or no http or https URL; the message has no password
 */
export function readClickHouseUrl(env: Env): string {
  const key = 'CLICKHOUSE_URL';
  const allowed = 'http(s)://user:password@host:8123/database';
  const value = env[key] ?? '';
  const url = URL.parse(value);
  if (!url || !['http:', 'https:'].includes(url.protocol)) {
    throw new SettingError(refusal(key, value.replace(/\/\/[^@]*@/, '//***@'), allowed));
  }
  if (url.pathname === '/') url.pathname = '/failtrace';
  return url.href;
}

const hostSchema = z.string().regex(/^[\w.:[\]-]+$/);

const portSchema = z.string().regex(/^\d+$/).transform(Number).pipe(z.int().max(65_535));

const originsSchema = z
  .string()
  .transform((list) => list.split(',').map((origin) => origin.trim()))
  .transform((origins) => origins.filter((origin) => origin !== ''))
  .pipe(z.array(z.string().refine((origin) => URL.parse(origin)?.origin === origin)));

const authSchema = z.enum(['none', 'api-key']);

function readAuth(env: Env, host: string): AuthSettings {
  const key = 'FAILTRACE_AUTH';
  const allowed = 'none (on a loopback host only) or api-key';
  const mode = read(env, key, authSchema, allowed, 'none');
  if (mode === 'none') {
    if (isLoopbackHost(host)) return { mode };
    throw new SettingError(
      `${refusal(key, mode, allowed)} FAILTRACE_HOST="${host}" can be reached from elsewhere.`,
    );
  }
  const keysFile = env['FAILTRACE_API_KEYS_FILE'] ?? '';
  if (keysFile !== '') return { mode, keysFile };
  throw new SettingError(
    refusal(
      'FAILTRACE_API_KEYS_FILE',
      '',
      'the path of a file of keys, as FAILTRACE_AUTH=api-key needs it',
    ),
  );
}

function read<T>(
  env: Env,
  key: string,
  schema: z.ZodType<T, string>,
  allowed: string,
  fallback: string,
): T {
  const value = env[key] || fallback;
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw new SettingError(refusal(key, value, allowed));
}

function refusal(key: string, value: string, allowed: string): string {
  const what = value === '' ? `${key} is not set.` : `${key}="${value}" is not understood.`;
  return `${what} Allowed: ${allowed}.`;
}
