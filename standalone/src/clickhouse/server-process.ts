/**
 * The child process that is the ClickHouse server.
 *
 * The npm package `@chdb/lib-*` ships ClickHouse as a shared library whose command line
 * (`chdb_query_cmdline`) can open the real HTTP and native ports. It runs in a process of its own
 * because it takes over signals and threads, and because its memory must not count as ours.
 *
 * Arguments: the library's path, the data directory, the HTTP port, the native port.
 * Life: it ends when its standard input closes, so it can never outlive its parent, however that
 * one died. Exit codes: 0 ended on request, 3 the data directory is in use, 1 anything else.
 */
import { openSync } from 'node:fs';
import { constants as osConstants } from 'node:os';
import path from 'node:path';
import { DataType, load, open } from 'ffi-rs';

const LOCK_EXCLUSIVE_NON_BLOCKING = 2 | 4;
const EXIT_DIRECTORY_IN_USE = 3;

const [libraryPath, dataDirectory, httpPort, nativePort] = process.argv.slice(2);
if (!libraryPath || !dataDirectory || !httpPort || !nativePort) {
  throw new Error('expected: library path, data directory, HTTP port, native port');
}

// ClickHouse does not refuse a second server on the same path, which would corrupt the data. The
// kernel drops this lock with the process, so a crash never leaves a stale one behind.
function lockDataDirectory(directory: string): boolean {
  const fd = openSync(path.join(directory, 'lock'), 'a', 0o600);
  open({ library: 'libc', path: '' });
  const { value, errnoCode } = load<DataType.I32, true>({
    library: 'libc',
    funcName: 'flock',
    retType: DataType.I32,
    paramsType: [DataType.I32, DataType.I32],
    paramsValue: [fd, LOCK_EXCLUSIVE_NON_BLOCKING],
    errno: true,
  });
  if (value === 0) return true;
  if (errnoCode === osConstants.errno.EWOULDBLOCK) return false;
  throw new Error(`the lock file in ${directory} cannot be locked (errno ${errnoCode})`);
}

if (!lockDataDirectory(dataDirectory)) process.exit(EXIT_DIRECTORY_IN_USE);

const commandLine = [
  'clickhouse',
  `--path=${path.join(dataDirectory, 'clickhouse')}`,
  '--listen_host=127.0.0.1',
  `--http_port=${httpPort}`,
  `--tcp_port=${nativePort}`,
  '--multiquery',
  '--query=SYSTEM START LISTEN HTTP; SYSTEM START LISTEN TCP; SELECT * FROM file(stdin, LineAsString) FORMAT Null',
];

open({ library: 'clickhouse', path: libraryPath });
await load({
  library: 'clickhouse',
  funcName: 'chdb_query_cmdline',
  retType: DataType.External,
  paramsType: [DataType.I32, DataType.StringArray],
  paramsValue: [commandLine.length, commandLine],
  runInNewThread: true,
});
process.exit(0);
