import { execFile } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';
import { platform } from 'node:os';
import { promisify } from 'node:util';

interface Process {
  pid: number;
  parent: number;
  /** Has ended, and only waits for its parent to ask how. */
  isZombie: boolean;
}

/** The processes that a process has started and that run now. */
export async function childrenOf(pid: number): Promise<number[]> {
  const all = await listProcesses();
  return all.filter(({ parent, isZombie }) => parent === pid && !isZombie).map((it) => it.pid);
}

/** Whether a process runs. One that has ended does not, even while nobody has asked how it ended. */
export async function isRunning(pid: number): Promise<boolean> {
  const all = await listProcesses();
  return all.some((it) => it.pid === pid && !it.isZombie);
}

function listProcesses(): Promise<Process[]> {
  return platform() === 'linux' ? fromProc() : fromPs();
}

/** Without `ps`, which a small Linux image may not have. */
async function fromProc(): Promise<Process[]> {
  const entries = await readdir('/proc');
  const stats = await Promise.all(
    entries
      .filter((entry) => /^\d+$/.test(entry))
      // Empty for a process that has gone meanwhile.
      .map((entry) => readFile(`/proc/${entry}/stat`, 'utf8').catch(() => '')),
  );
  return stats.flatMap((stat) => {
    // proc_pid_stat(5): pid (name) state ppid …; the name may contain spaces and brackets.
    const [, pid, state, parent] = /^(\d+) \(.*\) (\S) (\d+) /s.exec(stat) ?? [];
    return pid === undefined
      ? []
      : [{ pid: Number(pid), parent: Number(parent), isZombie: state === 'Z' || state === 'X' }];
  });
}

async function fromPs(): Promise<Process[]> {
  const { stdout } = await promisify(execFile)('ps', ['-A', '-o', 'pid=,ppid=,state=']);
  return stdout
    .trim()
    .split('\n')
    .map((line) => line.trim().split(/\s+/))
    .map(([pid, parent, state = '']) => ({
      pid: Number(pid),
      parent: Number(parent),
      isZombie: state.startsWith('Z'),
    }));
}
