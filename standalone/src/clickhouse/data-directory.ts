import { chmodSync, existsSync, lstatSync, mkdirSync, type Stats } from 'node:fs';
import path from 'node:path';
import { StartError } from '../errors.ts';
import { entries } from './configuration.ts';

const OTHERS_MAY_WRITE = 0o022;
const ANY_RIGHT_OF_OTHERS = 0o077;

/**
 * Makes the data directory, or sees that one that exists is ours alone: a directory (no symbolic
 * link) of this process's user with mode 0700, in which everything of failtrace's is ours as well.
 * One of ours that others may read is closed to them. Once it is, nobody else can put a link into it,
 * which is what everybody who writes there later relies on.
 *
 * Directories above it are not looked at: whoever may rename it may also take it away.
 *
 * @throws StartError `data_directory_unusable` it cannot be made, `data_directory_unsafe` somebody
 *   else has, or had, a hand in it
 */
export function prepareDataDirectory(directory: string): void {
  let found: Stats;
  try {
    makeDirectory(directory);
    found = lstatSync(directory);
  } catch (cause) {
    throw unusable(directory, (cause as Error).message, cause);
  }
  if (found.isSymbolicLink()) {
    throw unsafe(directory, 'is a symbolic link', 'Set FAILTRACE_DATA_DIR to where it points.');
  }
  if (!found.isDirectory()) throw unusable(directory, 'it is not a directory');
  if (!isOurs(found)) {
    throw unsafe(
      directory,
      `belongs to another user (uid ${found.uid})`,
      'Set FAILTRACE_DATA_DIR to a directory of your own; one inside it will do, failtrace makes it.',
    );
  }
  const ours = Object.values(entries).map((name) => path.join(directory, name));
  if (found.mode & OTHERS_MAY_WRITE && ours.some(isThere)) {
    throw unsafe(
      directory,
      'has data that other users could change',
      `If you trust it, run: chmod 700 ${directory}`,
    );
  }
  try {
    if (found.mode & ANY_RIGHT_OF_OTHERS) chmodSync(directory, 0o700);
  } catch (cause) {
    throw unusable(directory, (cause as Error).message, cause);
  }
  for (const entry of ours) refuseForeign(entry);
}

function refuseForeign(entry: string): void {
  const found = lstatSync(entry, { throwIfNoEntry: false });
  if (!found || (isOurs(found) && !found.isSymbolicLink())) return;
  throw unsafe(
    entry,
    found.isSymbolicLink() ? 'is a symbolic link' : `belongs to another user (uid ${found.uid})`,
    'Move it away, or set FAILTRACE_DATA_DIR to another directory.',
  );
}

function isThere(entry: string): boolean {
  return lstatSync(entry, { throwIfNoEntry: false }) !== undefined;
}

/** Where a system has no user ids, its directories have no modes either. */
function isOurs({ uid }: Stats): boolean {
  return process.geteuid === undefined || uid === process.geteuid();
}

/** Step by step, because Node's own `recursive` never comes back from below `/proc`. */
function makeDirectory(directory: string): void {
  if (existsSync(directory)) return;
  makeDirectory(path.dirname(directory));
  mkdirSync(directory, { mode: 0o700 });
}

function unusable(directory: string, why: string, cause?: unknown): StartError {
  return new StartError(
    'data_directory_unusable',
    `The data directory ${directory} cannot be written: ${why}. Set FAILTRACE_DATA_DIR to a directory that can.`,
    { cause },
  );
}

function unsafe(place: string, why: string, whatToDo: string): StartError {
  return new StartError('data_directory_unsafe', `${place} ${why}. ${whatToDo}`);
}
