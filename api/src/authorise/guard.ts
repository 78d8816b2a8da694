import { createApiKeyGuard, type ApiKeyEntry } from './api-keys.ts';
import type { Guard } from './caller.ts';
import { loopbackGuard } from './loopback.ts';

/** How callers are told apart. */
export type AuthSettings = { mode: 'none' } | { mode: 'api-key'; keys: ApiKeyEntry[] };

/** Builds the one guard of everything under `/api/`. */
export function createGuard(auth: AuthSettings): Guard {
  return auth.mode === 'none' ? loopbackGuard : createApiKeyGuard(auth.keys);
}
