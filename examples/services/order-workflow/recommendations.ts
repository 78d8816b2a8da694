import { workFor } from './pause.ts';

class CacheMissError extends Error {
  override readonly name = 'CacheMissError';
}

/** Reads suggestions from a cache that has lost them: the caller can do without. */
export async function cachedSuggestions(orderNumber: number): Promise<string[]> {
  await workFor(15);
  return readCache(`suggestions:${orderNumber}`);
}

function readCache(key: string): string[] {
  throw new CacheMissError(`key "${key}" was evicted (maxmemory-policy allkeys-lru)`);
}
