import { spawn, type ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { StartError } from '../errors.ts';
import {
  entries,
  loginConfiguration,
  loginFile,
  serverConfiguration,
  users,
} from './configuration.ts';
import { prepareDataDirectory } from './data-directory.ts';
import { findClickHouseLibrary } from './library.ts';
import { writePrivateFile } from './private-file.ts';
import type { ServerOrder } from './server-process.ts';

/** A running ClickHouse server that belongs to this process. */
export interface EmbeddedClickHouse {
  /** Its HTTP interface, on a free loopback port, without credentials: for people to read. */
  url: string;
  /** The same with the user that may write. A secret: never print it. */
  writeUrl: string;
  /** The same with the user that may read. A secret: never print it. */
  readUrl: string;
  pid: number;
  /** Resolves when the server has ended, asked to or not. */
  ended: Promise<Ended>;
  /** Ends it cleanly: parts are written, the data directory is unlocked. */
  stop(): Promise<void>;
}

export interface EmbeddedOptions {
  /** The databases of its users: names, or beginnings of names followed by `*`. Default `failtrace`. */
  databases?: readonly string[];
}

interface Ended {
  code: number | null;
  signal: NodeJS.Signals | null;
}

const READY_TIMEOUT_MS = 30_000;
const STOP_TIMEOUT_MS = 15_000;
const EXIT_DIRECTORY_IN_USE = 3;
const STDERR_KEPT_BYTES = 16_384;
const PASSWORD_BYTES = 32;

/**
 * Starts the ClickHouse server that npm installed, with its data under `dataDirectory`, and waits
 * until it listens. Its two users get new random passwords at each start, so that nothing is left
 * to steal when it has ended.
 *
 * @throws StartError when the directory is not usable, not safe or in use by another failtrace, when
 *   no library exists for this platform, or when the server does not come up.
 */
export async function startEmbeddedClickHouse(
  dataDirectory: string,
  { databases = ['failtrace'] }: EmbeddedOptions = {},
): Promise<EmbeddedClickHouse> {
  const libraryPath = findClickHouseLibrary(process.platform, process.arch);
  const directory = path.resolve(dataDirectory);
  prepareDataDirectory(directory);
  const passwords = { writer: newPassword(), reader: newPassword() };
  const order: ServerOrder = {
    libraryPath,
    dataDirectory: directory,
    configuration: serverConfiguration({ dataDirectory: directory, databases, passwords }),
  };

  const extension = path.extname(fileURLToPath(import.meta.url));
  const child = spawn(
    process.execPath,
    [fileURLToPath(new URL(`./server-process${extension}`, import.meta.url))],
    // A process group of its own: Ctrl-C in the terminal reaches us alone, and we end the server
    // after the last write, by closing its standard input. A directory of its own: ClickHouse takes a
    // `config.xml` from where it is started.
    { stdio: ['pipe', 'pipe', 'pipe'], detached: true, cwd: directory },
  );
  child.stdin.on('error', () => child.kill('SIGTERM'));
  child.stdin.write(`${JSON.stringify(order)}\n`);

  let stderr = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr = (stderr + text).slice(-STDERR_KEPT_BYTES);
  });
  const ended = new Promise<Ended>((resolve) => {
    child.once('close', (code, signal) => resolve({ code, signal }));
  });

  const outcome = await Promise.race([openPort(child), ended, timeout()]);
  if (typeof outcome !== 'number') {
    child.kill('SIGKILL');
    const code = outcome === 'timeout' ? null : outcome.code;
    throw startFailure(directory, code, stderr);
  }
  const url = (login = '') => `http://${login}127.0.0.1:${outcome}`;
  writePrivateFile(
    path.join(directory, entries.configuration, loginFile),
    loginConfiguration(url(), passwords.reader),
  );
  return {
    url: url(),
    writeUrl: url(`${users.writer}:${passwords.writer}@`),
    readUrl: url(`${users.reader}:${passwords.reader}@`),
    pid: child.pid ?? 0,
    ended,
    stop: () => stop(child, ended),
  };
}

/** In letters that a URL and XML take as they are. */
function newPassword(): string {
  return randomBytes(PASSWORD_BYTES).toString('base64url');
}

/**
 * The port, as ClickHouse itself says once it has opened it. Nobody else can say so, and no password
 * goes anywhere before.
 */
function openPort(child: ChildProcess): Promise<number> {
  return new Promise((resolve) => {
    if (!child.stdout) return;
    createInterface({ input: child.stdout }).once('line', (line) => {
      const [port = 0] = JSON.parse(line) as number[];
      resolve(port);
    });
  });
}

function timeout(): Promise<'timeout'> {
  return new Promise((resolve) => {
    setTimeout(() => resolve('timeout'), READY_TIMEOUT_MS).unref();
  });
}

function startFailure(directory: string, code: number | null, stderr: string): StartError {
  if (code === EXIT_DIRECTORY_IN_USE) {
    return new StartError(
      'data_directory_in_use',
      `The data directory ${directory} is in use by another failtrace. Stop that one, or set FAILTRACE_DATA_DIR to another directory.`,
    );
  }
  const lastLine = stderr.trim().split('\n').at(-1) || 'it said nothing';
  return new StartError(
    'embedded_clickhouse_failed',
    `The embedded ClickHouse did not start (${code === null ? 'no answer' : `exit code ${code}`}): ${lastLine}. Set CLICKHOUSE_URL to use a server of your own.`,
  );
}

async function stop(child: ChildProcess, ended: Promise<unknown>): Promise<void> {
  child.stdin?.end();
  const killer = setTimeout(() => child.kill('SIGKILL'), STOP_TIMEOUT_MS);
  await ended;
  clearTimeout(killer);
}
