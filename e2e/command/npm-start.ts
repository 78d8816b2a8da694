import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { childrenOf } from './processes.ts';
import { programEnvironment } from './program-environment.ts';

const repository = path.join(import.meta.dirname, '../..');
const startLimitMs = 60_000;

/** A command line that starts failtrace somewhere below it, up and running. */
export interface StartedBelow {
  child: ChildProcess;
  /** Everything that it has started, and what that has: npm, shells, failtrace, ClickHouse. */
  descendants: number[];
  /** Where the receiver listens. */
  otlpUrl: string;
  /** All that was said until now. */
  output: () => string;
  exited: Promise<{ code: number | null; signal: NodeJS.Signals | null }>;
}

/** Runs a command that is a real way to start failtrace, and waits until that is ready. */
export async function startBelow(
  command: readonly [program: string, ...args: string[]],
  env: Readonly<Record<string, string>>,
): Promise<StartedBelow> {
  const [program, ...args] = command;
  const child = spawn(program, args, {
    cwd: repository,
    env: programEnvironment(env),
    stdio: ['ignore', 'pipe', 'pipe'],
    // As a shell starts its jobs: Ctrl-C goes to all processes of the group.
    detached: true,
  });
  const exited = once(child, 'exit').then(([code, signal]) => ({ code, signal }));
  let text = '';
  const isReady = new Promise<void>((resolve) => {
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (chunk: string) => {
        text += chunk;
        if (text.includes('Ctrl-C stops everything.')) resolve();
      });
    }
  });
  const timer = setTimeout(() => child.kill('SIGKILL'), startLimitMs);
  await Promise.race([isReady, exited]);
  clearTimeout(timer);
  const [, otlpUrl = ''] = /OTLP\/HTTP +(http:\/\/127\.0\.0\.1:\d+)/.exec(text) ?? [];
  if (otlpUrl === '') throw new Error(`failtrace did not start: ${text}`);
  return {
    child,
    descendants: await descendantsOf(child.pid ?? 0),
    otlpUrl,
    output: () => text,
    exited,
  };
}

async function descendantsOf(pid: number): Promise<number[]> {
  const children = await childrenOf(pid);
  const below = await Promise.all(children.map(descendantsOf));
  return [...children, ...below.flat()];
}
