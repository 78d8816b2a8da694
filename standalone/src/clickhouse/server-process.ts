/**
 * The child process that is the ClickHouse server.
 *
 * The npm package `@chdb/lib-*` ships ClickHouse as a shared library whose command line
 * (`chdb_query_cmdline`) can open the real HTTP and native ports. It runs in a process of its own
 * because it takes over signals and threads, and because its memory must not count as ours.
 *
 * Standard input: one line of JSON, a {@link ServerOrder}. Standard output: one line of JSON once
 * ClickHouse has opened its HTTP port: `[port]`.
 * Life: it ends when its standard input closes, so it can never outlive its parent, however that
 * one died. Exit codes: 0 ended on request, 3 the data directory is in use, 1 anything else.
 */
import { closeSync, constants, createReadStream, mkdirSync, openSync } from 'node:fs';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { DataType, load, open } from 'ffi-rs';
import { entries, serverFile } from './configuration.ts';
import { lockFile, openPipe } from './libc.ts';
import { writePrivateFile } from './private-file.ts';

/** What the parent wants, in one line of JSON; it holds no secret, and is no argument all the same. */
export interface ServerOrder {
  libraryPath: string;
  /** Looked at and found to be ours alone. */
  dataDirectory: string;
  /** Whether the native port is to be opened, which the configuration names. */
  hasNativePort: boolean;
  /** The configuration, texts by file name. */
  configuration: Record<string, string>;
}

const EXIT_DIRECTORY_IN_USE = 3;

/** More than any pipe holds: 64 KiB on Linux and macOS, a megabyte where somebody has raised it. */
const PIPE_FILLING = "SELECT repeat(' ', 1000000) FROM numbers(2)";

// Whatever ClickHouse writes is for this user alone.
process.umask(0o077);
const lines = createInterface({ input: process.stdin });
const stopped = new Promise<void>((resolve) => lines.once('close', resolve));
const line = await Promise.race([
  new Promise<string>((resolve) => lines.once('line', resolve)),
  stopped,
]);
if (!line) process.exit(1);
const order = JSON.parse(line) as ServerOrder;
const { O_RDWR, O_CREAT, O_NOFOLLOW } = constants;

// ClickHouse does not refuse every second server on the same path, which would corrupt the data. The
// kernel drops this lock with the process, so a crash never leaves a stale one behind.
const lock = path.join(order.dataDirectory, entries.lock);
if (!lockFile(openSync(lock, O_RDWR | O_CREAT | O_NOFOLLOW, 0o600))) {
  process.exit(EXIT_DIRECTORY_IN_USE);
}

const configuration = path.join(order.dataDirectory, entries.configuration);
mkdirSync(configuration, { recursive: true, mode: 0o700 });
for (const [name, text] of Object.entries(order.configuration)) {
  writePrivateFile(path.join(configuration, name), text);
}

// ClickHouse lives for as long as the queries of its command line. The last of them gives more than
// the pipe holds, so it waits, without a turn of the processor, until somebody reads the rest.
const { readFd, writeFd } = openPipe();
const intoPipe = `INTO OUTFILE '/dev/fd/${writeFd}' APPEND FORMAT`;
const queries = [
  'SYSTEM START LISTEN HTTP',
  ...(order.hasNativePort ? ['SYSTEM START LISTEN TCP'] : []),
  `SELECT getServerPort('http_port') ${intoPipe} JSONCompactEachRow`,
  `${PIPE_FILLING} ${intoPipe} TSV`,
];
const commandLine = [
  'clickhouse',
  `--config-file=${path.join(configuration, serverFile)}`,
  `--query=${queries.join('; ')}`,
];

const output = createReadStream('', { fd: readFd, highWaterMark: 64 });
let isStopping = false;
output.once('data', (chunk) => {
  // Comes only after the port is open: a failed query is the last one.
  output.pause();
  process.stdout.write(`${String(chunk).split('\n')[0]}\n`);
  void stopped.then(() => {
    isStopping = true;
    output.resume();
  });
});

open({ library: 'clickhouse', path: order.libraryPath });
await load({
  library: 'clickhouse',
  funcName: 'chdb_query_cmdline',
  retType: DataType.External,
  paramsType: [DataType.I32, DataType.StringArray],
  paramsValue: [commandLine.length, commandLine],
  runInNewThread: true,
});
// Node waits at its end for the read that still waits for this.
closeSync(writeFd);
process.exit(isStopping ? 0 : 1);
