import { spawn, type ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { StartError } from '../errors.ts';
import type { ClusterMember } from './cluster-member.ts';
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
  /** For tests alone: makes the server one of several, with a native port. */
  clusterMember?: ClusterMember;
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
  { databases = ['failtrace'], clusterMember }: EmbeddedOptions = {},
): Promise<EmbeddedClickHouse> {
  const libraryPath = findClickHouseLibrary(process.platform, process.arch);
  const directory = path.resolve(dataDirectory);
  prepareDataDirectory(directory);
  const passwords = clusterMember?.passwords ?? { writer: newPassword(), reader: newPassword() };
  const order: ServerOrder = {
    libraryPath,
    dataDirectory: directory,
    hasNativePort: clusterMember !== undefined,
    configuration: serverConfiguration({
      dataDirectory: directory,
      databases,
      passwords,
      clusterMember,
    }),
  };

  const child = spawnServer(directory);
  const server = watch(child);
  try {
    child.stdin?.write(`${JSON.stringify(order)}\n`);
    const port = await portOf(server, directory);
    const url = (login = '') => `http://${login}127.0.0.1:${port}`;
    writePrivateFile(
      path.join(directory, entries.configuration, loginFile),
      loginConfiguration(url(), passwords.reader),
    );
    return {
      url: url(),
      writeUrl: url(`${users.writer}:${passwords.writer}@`),
      readUrl: url(`${users.reader}:${passwords.reader}@`),
      pid: child.pid ?? 0,
      ended: server.ended,
      stop: () => stop(child, server.ended),
    };
  } catch (error) {
    child.kill('SIGKILL');
    await server.ended;
    if (error instanceof StartError) throw error;
    throw startFailure((error as Error).message, error);
  }
}

function spawnServer(directory: string): ChildProcess {
  const extension = path.extname(fileURLToPath(import.meta.url));
  try {
    return spawn(
      process.execPath,
      [fileURLToPath(new URL(`./server-process${extension}`, import.meta.url))],
      // A process group of its own: Ctrl-C in the terminal reaches us alone, and we end the server
      // after the last write, by closing its standard input. A directory of its own: ClickHouse takes a
      // `config.xml` from where it is started.
      { stdio: ['pipe', 'pipe', 'pipe'], detached: true, cwd: directory },
    );
  } catch (error) {
    throw startFailure((error as Error).message, error);
  }
}

/** What is heard of the child process from its first moment on. */
interface Watched {
  /** Its first line, which is how it says its port. */
  firstLine: Promise<string>;
  ended: Promise<Ended>;
  /** The last of what it has said on standard error. */
  lastWords: () => string;
}

/** Where no process could be started its streams may be missing, and nothing but an error comes. */
function watch(child: ChildProcess): Watched {
  let said = '';
  child.stdin?.on('error', () => child.kill('SIGTERM'));
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    said = (said + text).slice(-STDERR_KEPT_BYTES);
  });
  return {
    firstLine: new Promise((resolve) => {
      if (child.stdout) createInterface({ input: child.stdout }).once('line', resolve);
    }),
    ended: new Promise((resolve) => {
      child.once('close', (code, signal) => resolve({ code, signal }));
      child.on('error', (error) => {
        said += `\n${error.message}`;
        if (child.pid === undefined) resolve({ code: null, signal: null });
      });
    }),
    lastWords: () => said.trim().split('\n').at(-1) || 'it said nothing',
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
async function portOf(
  { firstLine, ended, lastWords }: Watched,
  directory: string,
): Promise<number> {
  const outcome = await Promise.race([firstLine, ended, timeout()]);
  if (outcome === undefined) throw startFailure(`no answer: ${lastWords()}`);
  if (typeof outcome !== 'string') {
    if (outcome.code === EXIT_DIRECTORY_IN_USE) throw directoryInUse(directory);
    throw startFailure(`${howItEnded(outcome)}: ${lastWords()}`);
  }
  const port = Number(/^\[(\d{1,5})\]$/.exec(outcome)?.[1] ?? 0);
  if (port === 0) throw startFailure('it named no port');
  return port;
}

function howItEnded({ code, signal }: Ended): string {
  if (signal !== null) return signal;
  return code === null ? 'no process' : `exit code ${code}`;
}

function timeout(): Promise<undefined> {
  return new Promise((resolve) => {
    setTimeout(() => resolve(undefined), READY_TIMEOUT_MS).unref();
  });
}

function directoryInUse(directory: string): StartError {
  return new StartError(
    'data_directory_in_use',
    `The data directory ${directory} is in use by another failtrace. Stop that one, or set FAILTRACE_DATA_DIR to another directory.`,
  );
}

function startFailure(why: string, cause?: unknown): StartError {
  return new StartError(
    'embedded_clickhouse_failed',
    `The embedded ClickHouse did not start (${why}). Set CLICKHOUSE_URL to use a server of your own.`,
    { cause },
  );
}

async function stop(child: ChildProcess, ended: Promise<unknown>): Promise<void> {
  child.stdin?.end();
  const killer = setTimeout(() => child.kill('SIGKILL'), STOP_TIMEOUT_MS);
  await ended;
  clearTimeout(killer);
}
