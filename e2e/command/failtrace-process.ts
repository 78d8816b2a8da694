import { spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { childrenOf } from './processes.ts';
import { programEnvironment } from './program-environment.ts';

const repository = path.join(import.meta.dirname, '../..');
const startLimitMs = 60_000;

/** How the command ended, and all that it wrote. */
export interface Ended {
  code: number | null;
  signal: NodeJS.Signals | null;
  stdout: string;
  stderr: string;
}

/** The command `failtrace`, up and running. */
export interface FailtraceProcess {
  pid: number;
  /** What it said once it was ready, and where that says that things are. */
  banner: string;
  dashboardUrl: string;
  otlpUrl: string;
  clickhouseUrl: string;
  /** The processes that it has started. */
  children: number[];
  ended: Promise<Ended>;
  /** As a terminal that is closed, or a reader that has ended. */
  closeOutput(): void;
  /** Sends a signal, and waits for the end. */
  end(signal: NodeJS.Signals): Promise<Ended>;
}

type Env = Readonly<Record<string, string>>;

/**
 * Starts the real command and waits until it says that it is ready.
 *
 * @throws when it ends instead, with what it wrote.
 */
export async function startFailtrace(env: Env): Promise<FailtraceProcess> {
  const { child, ended } = spawnFailtrace(env);
  const banner = await new Promise<string>((resolve, reject) => {
    const timer = setTimeout(() => child.kill('SIGKILL'), startLimitMs);
    let text = '';
    child.stdout.on('data', (chunk: string) => {
      text += chunk;
      if (text.includes('Ctrl-C stops everything.')) resolve(text);
    });
    void ended.then(({ code, signal, stderr }) =>
      reject(new Error(`failtrace ended with ${code ?? signal}: ${stderr}`)),
    );
    void ended.then(() => clearTimeout(timer));
  });
  const pid = child.pid ?? 0;
  const urlAfter = (label: string) =>
    new RegExp(String.raw`^ +${label} +(http://127\.0\.0\.1:\d+)`, 'm').exec(banner)?.[1] ?? '';
  return {
    pid,
    banner,
    dashboardUrl: urlAfter('Dashboard'),
    otlpUrl: urlAfter('OTLP/HTTP'),
    clickhouseUrl: urlAfter('ClickHouse'),
    children: await childrenOf(pid),
    ended,
    closeOutput() {
      child.stdout.destroy();
      child.stderr.destroy();
    },
    end: (signal) => {
      child.kill(signal);
      return ended;
    },
  };
}

/** Runs the real command with settings with which it cannot start, until it has ended. */
export async function refusedStart(env: Env, options: readonly string[] = []): Promise<Ended> {
  const { child, ended } = spawnFailtrace(env, options);
  const timer = setTimeout(() => child.kill('SIGKILL'), startLimitMs);
  const result = await ended;
  clearTimeout(timer);
  return result;
}

/** On free ports unless `env` says otherwise. None of the settings around the test reach it. */
function spawnFailtrace(env: Env, options: readonly string[] = []) {
  const child = spawn(
    process.execPath,
    ['--conditions=failtrace-source', 'standalone/src/main.ts', ...options],
    {
      cwd: repository,
      env: programEnvironment(env),
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  );
  const output = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].setEncoding('utf8').on('data', (text: string) => {
      output[name] += text;
    });
  }
  const killNow = (): void => void child.kill('SIGKILL');
  process.once('exit', killNow);
  const ended = once(child, 'close').then(([code, signal]): Ended => {
    process.removeListener('exit', killNow);
    return { code, signal, ...output };
  });
  return { child, ended };
}
