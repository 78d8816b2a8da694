import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

/** A server of the bench in a process of its own. */
export interface ServerProcess {
  /** Where it listens, by the first line that it printed: a URL, or the port alone. */
  url: string;
  /** What it printed until it was ready. */
  lines: string[];
  pid: number;
  stop(): Promise<void>;
}

/** Runs a TypeScript file of the bench or of a package, and waits for a line: the first, or `ready`. */
export async function startProcess(
  file: string,
  args: readonly string[],
  env: Record<string, string> = {},
  ready = /^/,
): Promise<ServerProcess> {
  const child: ChildProcess = spawn(
    process.execPath,
    ['--conditions=failtrace-source', fileURLToPath(new URL(file, import.meta.url)), ...args],
    { stdio: ['ignore', 'pipe', 'inherit'], env: { ...process.env, ...env } },
  );
  const { stdout } = child;
  if (!stdout) throw new Error(`${file} has no output`);
  const lines = createInterface({ input: stdout });
  const exited = once(child, 'exit').then(() => {
    throw new Error(`${file} ended before it was ready`);
  });
  const printed: string[] = [];
  const isReady = new Promise<void>((resolve) => {
    lines.on('line', (line) => {
      printed.push(line);
      if (ready.test(line)) resolve();
    });
  });
  await Promise.race([isReady, exited]);
  exited.catch(() => undefined);
  const [firstLine = ''] = printed;
  return {
    url: `http://127.0.0.1:${/:(\d+)/.exec(firstLine)?.[1] ?? firstLine}`,
    lines: printed,
    pid: child.pid ?? 0,
    async stop() {
      const gone = once(child, 'exit');
      child.kill('SIGTERM');
      await gone;
    },
  };
}

/** Resident memory of a process, in MB: now, and its peak since the last {@link resetPeak}. */
export function memoryOf(pid: number): { nowMb: number; peakMb: number } {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  const kilobytes = (name: string) => Number(new RegExp(`${name}:\\s+(\\d+)`).exec(status)?.[1]);
  return { nowMb: kilobytes('VmRSS') / 1024, peakMb: kilobytes('VmHWM') / 1024 };
}

/** Makes the kernel forget the peak so far (Linux, proc(5), `clear_refs`). */
export function resetPeak(pid: number): void {
  writeFileSync(`/proc/${pid}/clear_refs`, '5');
}
