import { readFileSync } from 'node:fs';
import { startProgram, type Program } from '../../cluster/programs.ts';

/** A program of failtrace that comes back at the same address, and whose memory is kept in mind. */
export interface ProgramPart {
  url: string;
  /** The process that it is now. */
  pid(): number;
  start(): Promise<void>;
  /** Ends it as the kernel does that has run out of memory. */
  kill(): Promise<void>;
  /** Asks it to end, and waits until it has; tells how long that took, in milliseconds. */
  stop(): Promise<number>;
  /** The most memory that any of its processes has had, in MB (`VmHWM`, proc(5)). */
  worstMb(): number;
}

/** Starts a program; `env` names the port that it is to have each time. */
export async function startProgramPart(
  name: 'receiver' | 'api',
  env: Readonly<Record<string, string>>,
): Promise<ProgramPart> {
  let running: Program | undefined = await startProgram(name, env);
  let worstMb = 0;
  const look = () => {
    worstMb = Math.max(worstMb, running ? peakMb(running.pid) : 0);
  };
  const looking = setInterval(look, 500);
  looking.unref();
  const leave = () => {
    look();
    const left = running;
    running = undefined;
    return left;
  };
  return {
    url: running.url,
    pid: () => running?.pid ?? 0,
    worstMb: () => {
      look();
      return worstMb;
    },
    async start() {
      running = await startProgram(name, env);
    },
    kill: async () => leave()?.kill(),
    async stop() {
      const began = performance.now();
      await leave()?.stop();
      return performance.now() - began;
    },
  };
}

/** The most memory that a process has had so far, in MB; 0 when it has ended. */
export function peakMb(pid: number): number {
  try {
    const status = readFileSync(`/proc/${pid}/status`, 'utf8');
    return Number(/VmHWM:\s+(\d+)/.exec(status)?.[1] ?? 0) / 1024;
  } catch {
    // It has ended meanwhile.
    return 0;
  }
}
