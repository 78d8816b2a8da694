import {
  isLoopbackHost,
  readApiPort,
  readFileSetting,
  readHost,
  readSetting,
  SettingError,
  type Env,
  type SettingForm,
} from '@failtrace/contract/server';
import { z } from 'zod';
import { API_KEYS_SETTING, parseApiKeys } from './authorise/api-keys.ts';
import type { AuthSettings } from './authorise/guard.ts';

/** Where the API listens, and whom it answers. */
export interface ApiSettings {
  host: string;
  port: number;
  auth: AuthSettings;
  corsOrigins: string[];
}

/**
 * Reads the API's settings, and the file of keys that they may name.
 *
 * | key | default | allowed |
 * |---|---|---|
 * | `FAILTRACE_HOST` | `127.0.0.1` | a host name or an address |
 * | `FAILTRACE_API_PORT` | `8080` | 0 to 65535 |
 * | `FAILTRACE_AUTH` | `api-key` with a file of keys, else `none` | `none` on a loopback host, `api-key` |
 * | `FAILTRACE_API_KEYS_FILE` | | a path; needed for `api-key` |
 * | `FAILTRACE_CORS_ORIGINS` | | origins, separated by commas |
 *
 * @throws SettingError names the key, the value and what is allowed
 */
export function readApiSettings(env: Env): ApiSettings {
  const host = readHost(env);
  return {
    host,
    port: readApiPort(env),
    auth: readAuth(env, host),
    corsOrigins: readSetting(env, 'FAILTRACE_CORS_ORIGINS', originsForm) ?? [],
  };
}

const originsForm: SettingForm<string[]> = {
  schema: z
    .string()
    .transform((list) => list.split(',').map((origin) => origin.trim()))
    .transform((origins) => origins.filter((origin) => origin !== ''))
    .pipe(z.array(z.string().refine((origin) => URL.parse(origin)?.origin === origin))),
  allowed: 'origins such as https://ops.example.org, separated by commas',
};

const modeForm: SettingForm<AuthSettings['mode']> = {
  schema: z.enum(['none', 'api-key']),
  allowed: 'none (on a loopback host only) or api-key',
};

function readAuth(env: Env, host: string): AuthSettings {
  const file = readFileSetting(env, API_KEYS_SETTING);
  const mode = readSetting(env, 'FAILTRACE_AUTH', modeForm) ?? (file ? 'api-key' : 'none');
  if (mode === 'api-key') {
    if (file) return { mode, keys: parseApiKeys(file) };
    throw new SettingError(
      `${API_KEYS_SETTING} is not set. Allowed: the path of a file of keys, as FAILTRACE_AUTH=api-key needs it.`,
    );
  }
  if (file) {
    // Whoever wrote keys down means them to be asked for.
    throw new SettingError(
      `FAILTRACE_AUTH="none" leaves the keys of ${API_KEYS_SETTING} unused. Allowed: ${modeForm.allowed}.`,
    );
  }
  if (isLoopbackHost(host)) return { mode };
  throw new SettingError(
    `FAILTRACE_AUTH="none" does not do: FAILTRACE_HOST="${host}" can be reached from elsewhere. Allowed: ${modeForm.allowed}.`,
  );
}
