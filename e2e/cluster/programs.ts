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
  stop(): Promise<void>;
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
  return {
    url,
    async stop() {
      child.kill('SIGTERM');
      await ended;
    },
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
