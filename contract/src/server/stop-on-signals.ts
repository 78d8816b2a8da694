import { readFileSync } from 'node:fs';
import type { Logger } from './log.ts';
import type { Fail } from './run-main.ts';

/** What {@link stopOnSignals} needs to know of a program. */
export interface StoppingProgram {
  /** Ends what runs; what was acknowledged is stored then. */
  stop: () => Promise<unknown>;
  logger: Logger;
  fail: Fail;
  /**
   * Whether npm has started it: `npm start`, `npx`. npm passes on some signals and not others, and ends
   * without its child when it is killed; so the program ends with its parent.
   */
  isUnderNpm: boolean;
}

/** A second signal after this long, in milliseconds, is a person who will not wait. */
const IMPATIENCE_MS = 1_000;
/** So often, in milliseconds, it is looked whether the parent lives. */
const PARENT_CHECK_MS = 500;

/**
 * Stops the program on SIGINT, SIGTERM and SIGHUP, and says so in the log: one line when it begins, one
 * when it has stopped. Ends the process with exit code 0, or 130 at once for who asks again. To be called
 * before anything that takes long: as the first process of a container a program gets no signal that it
 * has not asked for.
 *
 * @returns whether it is stopping
 */
export function stopOnSignals({ stop, logger, fail, isUnderNpm }: StoppingProgram): () => boolean {
  let since: number | undefined;

  function onSignal(why: string): void {
    // A terminal and npm both pass Ctrl-C on, so one press arrives twice.
    if (since !== undefined) {
      if (performance.now() - since > IMPATIENCE_MS) process.exit(130);
      return;
    }
    const startedAt = performance.now();
    since = startedAt;
    logger.info({}, `Stopping (${why}): what is under way is finished.`);
    stop().then(() => {
      const seconds = (performance.now() - startedAt) / 1_000;
      logger.info({}, `Stopped after ${seconds.toFixed(1)} s.`);
      process.exit();
    }, fail);
  }

  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => onSignal(signal));
  }
  if (isUnderNpm) {
    const parents = parentsOf(process.ppid);
    const check = setInterval(() => {
      if (parentsOf(process.ppid) === parents) return;
      clearInterval(check);
      onSignal('its parent has ended');
    }, PARENT_CHECK_MS).unref();
  }
  return () => since !== undefined;
}

const SHELLS: ReadonlySet<string> = new Set(['sh', 'dash', 'ash', 'bash', 'zsh', 'busybox']);

/**
 * Names the parent, and where that is a shell the parent of that: `npx` starts a shell, which waits for its
 * program also when npm has gone. On systems without `/proc` shells give their place to a last command.
 */
function parentsOf(parent: number): string {
  let stat: string;
  try {
    stat = readFileSync(`/proc/${parent}/stat`, 'utf8');
  } catch {
    return String(parent);
  }
  // proc_pid_stat(5): pid (name) state ppid …
  const [, name = '', above] = /\((.*)\) \S (\d+) /s.exec(stat) ?? [];
  return SHELLS.has(name) ? `${parent} of ${above}` : String(parent);
}
