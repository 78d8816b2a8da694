import { readdirSync, readFileSync } from 'node:fs';

/** Of USER_HZ, in which proc(5) counts; it is 100 on every Linux of today. */
const TICKS_A_SECOND = 100;

/** CPU seconds, user and system, that all threads of these processes have taken so far (proc(5)). */
export function cpuSecondsOf(pids: readonly number[]): number {
  return pids.reduce((sum, pid) => {
    // The name in parentheses may hold anything, so what follows is counted from its end.
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
    return sum + (Number(fields[11]) + Number(fields[12])) / TICKS_A_SECOND;
  }, 0);
}

/** The processes that a process has started and that are there now, and theirs. */
export function descendantsOf(pid: number): number[] {
  const children = readdirSync(`/proc/${pid}/task`).flatMap((thread) =>
    readFileSync(`/proc/${pid}/task/${thread}/children`, 'utf8').split(' ').filter(Boolean),
  );
  return children.flatMap((child) => [Number(child), ...descendantsOf(Number(child))]);
}
