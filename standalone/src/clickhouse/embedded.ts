import { spawn, type ChildProcess } from 'node:child_process';
import { accessSync, constants, existsSync, mkdirSync } from 'node:fs';
import { createServer } from 'node:net';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { StartError } from '../errors.ts';
import { findClickHouseLibrary } from './library.ts';

/** A running ClickHouse server that belongs to this process. */
export interface EmbeddedClickHouse {
  /** Its HTTP interface, on a free loopback port. */
  url: string;
  /** The port of its native protocol, for `clickhouse-client`. */
  nativePort: number;
  pid: number;
  /** Resolves when the server has ended, asked to or not. */
  ended: Promise<{ code: number | null; signal: NodeJS.Signals | null }>;
  /** Ends it cleanly: parts are written, the data directory is unlocked. */
  stop(): Promise<void>;
}

const READY_TIMEOUT_MS = 30_000;
const READY_POLL_MS = 25;
const STOP_TIMEOUT_MS = 15_000;
const EXIT_DIRECTORY_IN_USE = 3;
const STDERR_KEPT_BYTES = 16_384;

/**
 * Starts the ClickHouse server that npm installed, with its data under `dataDirectory`, and waits
 * until it answers.
 *
 * @throws StartError when the directory is not usable or in use by another failtrace, when no
 *   library exists for this platform, or when the server does not come up.
 */
export async function startEmbeddedClickHouse(dataDirectory: string): Promise<EmbeddedClickHouse> {
  const library = findClickHouseLibrary(process.platform, process.arch);
  const directory = path.resolve(dataDirectory);
  makeUsable(directory);
  const [httpPort, nativePort] = await freePorts(2);

  const extension = path.extname(fileURLToPath(import.meta.url));
  const entry = fileURLToPath(new URL(`./server-process${extension}`, import.meta.url));
  const child = spawn(
    process.execPath,
    [entry, library, directory, String(httpPort), String(nativePort)],
    // A process group of its own: Ctrl-C in the terminal reaches us alone, and we end the server
    // after the last write, by closing its standard input.
    { stdio: ['pipe', 'ignore', 'pipe'], detached: true },
  );
  child.stdin.on('error', () => child.kill('SIGTERM'));

  let stderr = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr = (stderr + text).slice(-STDERR_KEPT_BYTES);
  });
  const ended = new Promise<{ code: number | null; signal: NodeJS.Signals | null }>((resolve) => {
    child.once('close', (code, signal) => resolve({ code, signal }));
  });

  const url = `http://127.0.0.1:${httpPort}`;
  const outcome = await Promise.race([answers(url), ended]);
  if (outcome !== 'ready') {
    child.kill('SIGKILL');
    throw startFailure(directory, outcome === 'timeout' ? null : outcome.code, stderr);
  }
  return {
    url,
    nativePort: nativePort ?? 0,
    pid: child.pid ?? 0,
    ended,
    stop: () => stop(child, ended),
  };
}

function makeUsable(directory: string): void {
  try {
    makeDirectory(directory);
    accessSync(directory, constants.R_OK | constants.W_OK | constants.X_OK);
  } catch (cause) {
    throw new StartError(
      'data_directory_unusable',
      `The data directory ${directory} cannot be written: ${(cause as Error).message}. Set FAILTRACE_DATA_DIR to a directory that can.`,
      { cause },
    );
  }
}

/** Step by step, because Node's own `recursive` never comes back from below `/proc`. */
function makeDirectory(directory: string): void {
  if (existsSync(directory)) return;
  makeDirectory(path.dirname(directory));
  mkdirSync(directory, { mode: 0o700 });
}

/** Held open together, so that the kernel gives a different port for each. */
async function freePorts(count: number): Promise<number[]> {
  const servers = Array.from({ length: count }, () => createServer());
  const ports = await Promise.all(
    servers.map(
      (server) =>
        new Promise<number>((resolve, reject) => {
          server.once('error', reject);
          server.listen(0, '127.0.0.1', () => {
            const address = server.address();
            if (address && typeof address === 'object') resolve(address.port);
          });
        }),
    ),
  );
  await Promise.all(
    servers.map((server) => new Promise<void>((resolve) => server.close(() => resolve()))),
  );
  return ports;
}

async function answers(url: string): Promise<'ready' | 'timeout'> {
  const deadline = performance.now() + READY_TIMEOUT_MS;
  while (performance.now() < deadline) {
    const ready = await fetch(`${url}/ping`, {
      // ClickHouse waits 5 s at its end for connections that are kept alive.
      headers: { connection: 'close' },
      signal: AbortSignal.timeout(1_000),
    }).then(
      (response) => response.ok,
      () => false,
    );
    if (ready) return 'ready';
    await sleep(READY_POLL_MS);
  }
  return 'timeout';
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
