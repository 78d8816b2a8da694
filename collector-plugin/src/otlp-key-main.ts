#!/usr/bin/env node
import { parseArgs } from 'node:util';
import { createKey } from '@failtrace/contract/server';

/** Makes a new key for senders of OTLP: shows it once, and the entry to store for it. */
const { positionals } = parseArgs({ allowPositionals: true, strict: false });
const [name, namespace, ...more] = positionals;
if (!name || more.length > 0 || process.argv.slice(2).some((word) => word.startsWith('-'))) {
  console.error('Usage: failtrace-otlp-key <name of the sender> [namespace that it sends for]');
  process.exit(2);
}
const { key, entry } = createKey(name);
console.error('The key. It is shown only now; hand it to the sender:');
console.log(key);
console.error('\nAdd this to "keys" in the file that FAILTRACE_OTLP_KEYS_FILE names:');
console.error(JSON.stringify({ ...entry, ...(namespace && { namespace }) }, null, 2));
