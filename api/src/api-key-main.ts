#!/usr/bin/env node
import { parseArgs } from 'node:util';
import { createApiKey } from './authorise/api-keys.ts';

/** Makes a new API key: shows it once, and the entry to store for it. */
const { positionals } = parseArgs({ allowPositionals: true });
const [name, ...more] = positionals;
if (name === undefined || more.length > 0) {
  console.error('Usage: failtrace-api-key <name of the caller, such as ops-dashboard>');
  process.exit(2);
}
const { key, entry } = createApiKey(name);
console.error('The key. It is shown only now; hand it to the caller:');
console.log(key);
console.error('\nAdd this to "keys" in the file that FAILTRACE_API_KEYS_FILE names:');
console.error(JSON.stringify(entry, null, 2));
