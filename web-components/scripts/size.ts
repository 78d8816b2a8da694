import { readFile } from 'node:fs/promises';
import { gzipSync } from 'node:zlib';

/** What a page pays for the chip, in bytes on the wire. Raise it only with a reason. */
const mostBytes = 20_000;

/** Names of what belongs to the other packages: none of it may end up in a page. */
const forbidden = [
  'clickhouse',
  'opentelemetry',
  'zod',
  'pino',
  'hono',
  'protobuf',
  'node:',
  'process.env',
];

const bundle = new URL('../dist/failure-chip.bundle.js', import.meta.url);
const code = await readFile(bundle, 'utf8');
const bytes = gzipSync(code, { level: 9 }).length;
const found = forbidden.filter((word) => code.toLowerCase().includes(word));

console.log(`failure-chip.bundle.js: ${bytes} bytes gzipped, at most ${mostBytes}`);
if (bytes > mostBytes) console.error(`too large by ${bytes - mostBytes} bytes`);
if (found.length > 0) console.error(`must not contain: ${found.join(', ')}`);
if (bytes > mostBytes || found.length > 0) process.exitCode = 1;
