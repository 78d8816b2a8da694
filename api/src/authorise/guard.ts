import { SettingError } from '../errors.ts';
import { createApiKeyGuard, parseApiKeys } from './api-keys.ts';
import type { Guard } from './caller.ts';
import { loopbackGuard } from './loopback.ts';

/** How callers are told apart. */
export type AuthSettings = { mode: 'none' } | { mode: 'api-key'; keysFile: string };

/**
 * Builds the one guard of every `/api/runs` route.
 *
 * @param readFile gives the text of a file; called once, for the mode `api-key`
 * @throws SettingError the file of keys cannot be read or understood
 */
export function createGuard(auth: AuthSettings, readFile: (path: string) => string): Guard {
  if (auth.mode === 'none') return loopbackGuard;
  return createApiKeyGuard(parseApiKeys(readKeysFile(auth.keysFile, readFile), auth.keysFile));
}

function readKeysFile(path: string, readFile: (path: string) => string): string {
  try {
    return readFile(path);
  } catch (cause) {
    const why = (cause as NodeJS.ErrnoException).code ?? 'unknown reason';
    throw new SettingError(
      `FAILTRACE_API_KEYS_FILE="${path}" cannot be read (${why}). Allowed: the path of a file of keys.`,
      { cause },
    );
  }
}
