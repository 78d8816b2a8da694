import { readFileSync } from 'node:fs';
import { z } from 'zod';

/** A setting is not understood; `message` names the key and what is allowed, and no secret. */
export class SettingError extends Error {
  override readonly name = 'SettingError';
  readonly code = 'invalid_setting';
}

/** Environment variables, or a record of the same form. An empty value counts as not set. */
export type Env = Record<string, string | undefined>;

/** What a setting may look like: the schema that reads its text, and the same in words. */
export interface SettingForm<T> {
  readonly schema: z.ZodType<T, string>;
  /** Completes the sentence "Allowed: …". */
  readonly allowed: string;
}

/**
 * Reads one setting.
 *
 * @returns undefined when it is not set
 * @throws SettingError names the key, the value and what is allowed
 */
export function readSetting<T>(env: Env, key: string, form: SettingForm<T>): T | undefined {
  const value = env[key];
  if (!value) return undefined;
  const parsed = form.schema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw new SettingError(`${shown(key, value)} is not understood. Allowed: ${form.allowed}.`);
}

/** A login in a URL, or a key of ours in the wrong place, is not repeated. */
function shown(key: string, value: string): string {
  return /@|ft_[\w-]{20}/.test(value)
    ? `${key} (not shown, it may hold a secret)`
    : `${key}="${value}"`;
}

/** The forms that settings of several packages have. */
export const settingForms = {
  host: { schema: z.string().regex(/^[\w.:[\]-]+$/), allowed: 'a host name or an address' },
  port: { ...wholeNumber(0, 65_535), allowed: 'a port from 0 to 65535' },
  path: { schema: z.string().regex(/^[^\0]{1,4096}$/), allowed: 'a path' },
  url: {
    schema: z.string().refine((text) => /^https?:\/\/\S+$/i.test(text) && URL.canParse(text)),
    allowed: 'an http:// or https:// URL',
  },
  wholeNumber,
} as const;

/** The setting of every program's host. */
export const HOST_SETTING = 'FAILTRACE_HOST';

/** Reads `FAILTRACE_HOST`: a host name or an address, `127.0.0.1` by default. @throws SettingError */
export function readHost(env: Env): string {
  return readSetting(env, HOST_SETTING, settingForms.host) ?? '127.0.0.1';
}

/**
 * Reads `FAILTRACE_API_PORT`, of the API and of the dashboard where that stands alone: 0 to 65535,
 * 8080 by default. @throws SettingError
 */
export function readApiPort(env: Env): number {
  return readSetting(env, 'FAILTRACE_API_PORT', settingForms.port) ?? 8080;
}

function wholeNumber(least: number, most: number): SettingForm<number> {
  return {
    schema: z
      .string()
      .regex(/^\d{1,15}$/)
      .transform(Number)
      .pipe(z.int().min(least).max(most)),
    allowed: `a whole number from ${least} to ${most}`,
  };
}

/**
 * Reads the file that a setting names, as UTF-8.
 *
 * @returns its text; undefined when the setting is not set
 * @throws SettingError the file cannot be read; names the key and why, and repeats nothing of the
 *   value: somebody may have put the secret itself where its file belongs
 */
export function readFileSetting(env: Env, key: string): string | undefined {
  const path = env[key];
  if (!path) return undefined;
  try {
    return readFileSync(path, 'utf8');
  } catch (cause) {
    const why = (cause as NodeJS.ErrnoException).code ?? 'unknown reason';
    // Without the cause, whose message repeats the value.
    throw new SettingError(`${key} cannot be read (${why}). Allowed: the path of a file.`);
  }
}
