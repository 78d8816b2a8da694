#!/usr/bin/env node
import { parseArgs } from 'node:util';
import { createApiKey, type KeyGrant } from './authorise/api-keys.ts';
import { permissions } from './authorise/caller.ts';

const usage = `Makes a new API key: shows it once, and the entry to store for it.

Usage: failtrace-api-key <name> --permissions <list> --namespaces <list> --services <list>

  <name>         of the caller, such as ops-dashboard
  --permissions  of ${permissions.join(', ')}
  --namespaces   that the key may read, such as shop,bank; '*' for all
  --services     that the key may read, such as orders; '*' for all

Nothing is left to guess: what a key opens is said in full.`;

/** @throws Error an argument is missing or is not understood */
function readArguments(): { name: string; grant: KeyGrant } {
  const list = { type: 'string' } as const;
  const { positionals, values } = parseArgs({
    allowPositionals: true,
    options: { permissions: list, namespaces: list, services: list },
  });
  const [name, ...more] = positionals;
  const { permissions: wanted, namespaces, services } = values;
  if (!name || more.length > 0 || !wanted || !namespaces || !services) {
    throw new Error('A name and all three options are needed.');
  }
  const granted = permissions.filter((permission) => wanted.split(',').includes(permission));
  if (granted.length !== wanted.split(',').length) {
    throw new Error(`--permissions takes ${permissions.join(', ')}, each once.`);
  }
  return {
    name,
    grant: { permissions: granted, namespaces: scopeOf(namespaces), services: scopeOf(services) },
  };
}

function scopeOf(text: string): '*' | string[] {
  return text === '*' ? '*' : text.split(',');
}

try {
  const { name, grant } = readArguments();
  const { key, entry } = createApiKey(name, grant);
  console.error('The key. It is shown only now; hand it to the caller:');
  console.log(key);
  console.error('\nAdd this to "keys" in the file that FAILTRACE_API_KEYS_FILE names:');
  console.error(JSON.stringify(entry, null, 2));
} catch (error) {
  console.error(`${error instanceof Error ? error.message : String(error)}\n\n${usage}`);
  process.exit(2);
}
