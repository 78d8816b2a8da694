import { ListenError } from './listen.ts';
import { createLogger } from './log.ts';
import { SettingError } from './settings.ts';

/** A class of errors. */
type ErrorClass = abstract new (...args: never[]) => Error;

/** Ends the program with exit code 1, and says why on standard error. */
export type Fail = (reason: unknown) => never;

/**
 * Runs a program, and ends it with exit code 1 when it fails.
 *
 * An error that is written for the person who starts the program is one line, `<name>: <message>`: those
 * of settings and of listening, and of the classes in `expected`. Any other one is a fault and goes
 * through the log, which tells no message of strangers: it may hold a payload or a password.
 *
 * @param name how the program is called, such as `failtrace receiver`
 * @param main gets what ends the program for a reason that comes up once `main` has returned
 */
export async function runMain(
  name: string,
  main: (fail: Fail) => Promise<void>,
  expected: readonly ErrorClass[] = [],
): Promise<void> {
  // A terminal that was closed, or a reader of the output that has ended, must not end the program.
  for (const output of [process.stdout, process.stderr]) output.on('error', () => undefined);
  const forPeople = [SettingError, ListenError, ...expected];
  const fail: Fail = (reason) => {
    if (forPeople.some((type) => reason instanceof type)) {
      console.error(`${name}: ${(reason as Error).message}`);
    } else {
      createLogger(name).error({ err: reason }, 'The program failed.');
    }
    process.exit(1);
  };
  await main(fail).catch(fail);
}
