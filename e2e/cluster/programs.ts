import { spawn, type ChildProcessByStdio } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import type { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { programEnvironment } from '../command/program-environment.ts';

const repository = path.join(import.meta.dirname, '../..');

const files = {
  receiver: 'collector-plugin/src/main.ts',
  migrate: 'collector-plugin/src/migrate-main.ts',
  api: 'api/src/main.ts',
} as const;

type Env = Readonly<Record<string, string>>;

/** A program of failtrace in a process of its own, listening. */
export interface Program {
  url: string;
  pid: number;
  /** Resolves when it has ended, asked to or not. */
  ended: Promise<unknown>;
  /** All that it has said on standard error until it ended. */
  said: Promise<string>;
  stop(): Promise<void>;
  /** Ends it as the kernel does that has run out of memory. */
  kill(): Promise<void>;
}

/** Starts a program on a free port, and waits until it says where it listens. @throws what it said instead */
export async function startProgram(name: 'receiver' | 'api', env: Env): Promise<Program> {
  const child = run(name, env);
  const said = text(child.stderr);
  const ended = once(child, 'exit');
  const url = await Promise.race([
    once(child.stdout, 'data').then(([line]) => /http:\/\/[\d.:]+/.exec(String(line))?.[0]),
    ended.then(() => undefined),
  ]);
  if (url === undefined) throw new Error(`${name} did not start: ${await said}`);
  child.stdout.resume();
  const end = async (signal: NodeJS.Signals): Promise<void> => {
    child.kill(signal);
    await ended;
  };
  return {
    url,
    pid: child.pid ?? 0,
    ended,
    said,
    stop: () => end('SIGTERM'),
    kill: () => end('SIGKILL'),
  };
}

/** Runs a program until it ends by itself. */
export async function runProgram(
  name: keyof typeof files,
  env: Env,
): Promise<{ code: number | null; stdout: string; stderr: string }> {
  const child = run(name, env);
  const [stdout, stderr, [code]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'exit') as Promise<[number | null]>,
  ]);
  return { code, stdout, stderr };
}

/** Starts a program and leaves it at that, for a test that ends it in its middle. */
export function startProgramToBeKilled(
  name: keyof typeof files,
  env: Env,
): Pick<Program, 'ended' | 'kill'> {
  const child = run(name, env);
  child.stdout.resume();
  child.stderr.resume();
  const ended = once(child, 'exit');
  return {
    ended,
    async kill() {
      child.kill('SIGKILL');
      await ended;
    },
  };
}

/** None of the settings around the test reach it, and it never outlives the test. */
function run(name: keyof typeof files, env: Env): ChildProcessByStdio<null, Readable, Readable> {
  const child = spawn(process.execPath, ['--conditions=failtrace-source', files[name]], {
    cwd: repository,
    env: programEnvironment(env),
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const killNow = (): void => void child.kill('SIGKILL');
  process.once('exit', killNow);
  child.once('exit', () => process.removeListener('exit', killNow));
  return child;
}
