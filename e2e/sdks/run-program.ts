import { execFile, type ExecFileOptions } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, rename, rm } from 'node:fs/promises';
import { homedir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import type { Command, Language } from './languages.ts';

const environment = {
  ...process.env,
  // Go's own installer puts it there and leaves the PATH to the user.
  PATH: [process.env['PATH'], '/usr/local/go/bin'].join(path.delimiter),
  // What whoever calls has set for modules of their own.
  GOWORK: 'off',
  GOFLAGS: '',
};

/** What a language needs and this machine has not; '' when nothing is missing. */
export async function missingFor({ needs }: Language): Promise<string> {
  const missing = await Promise.all(
    needs.map(async (command) => {
      const problem = await run(command).then(
        () => '',
        (error: Error) => error.message.split('\n')[0] ?? '',
      );
      return problem === '' ? [] : [`"${command.join(' ')}" does not run (${problem})`];
    }),
  );
  return missing.flat().join(', ');
}

/**
 * Makes a language's program ready. That is done once: the result is kept under
 * `$XDG_CACHE_HOME/failtrace/sdks`, or `~/.cache`, until the program or the toolchain changes.
 *
 * @returns a function that runs the program and gives what it writes: the stack text that its SDK
 * has recorded.
 */
export async function prepareProgram(
  language: Language,
): Promise<(env: Readonly<Record<string, string>>) => Promise<Buffer>> {
  const source = path.join(import.meta.dirname, language.folder);
  const cache = path.join(
    process.env['XDG_CACHE_HOME'] || path.join(homedir(), '.cache'),
    'failtrace',
    'sdks',
  );
  const target = path.join(cache, `${language.folder}-${await digest(language, source)}`);
  if (!existsSync(target)) {
    await mkdir(cache, { recursive: true });
    const workshop = await mkdtemp(path.join(cache, 'preparing-'));
    try {
      for (const command of language.prepare(source, workshop)) await run(command);
      await rename(workshop, target);
    } finally {
      await rm(workshop, { recursive: true, force: true });
    }
  }
  return (env) => run(language.run(source, target), env);
}

/** Of the program, and of what its toolchain says that it is. */
async function digest({ needs }: Language, source: string): Promise<string> {
  const hash = createHash('sha256');
  const files = await readdir(source);
  for (const file of files.toSorted()) hash.update(await readFile(path.join(source, file)));
  for (const command of needs) hash.update(await run(command));
  return hash.digest('hex').slice(0, 16);
}

async function run([file, ...args]: Command, env: ExecFileOptions['env'] = {}): Promise<Buffer> {
  const options = { env: { ...environment, ...env }, encoding: 'buffer' } as const;
  const { stdout } = await promisify(execFile)(file, args, options).catch(
    (error: Error & { stdout: Buffer }) => {
      // Maven explains itself there.
      throw new Error(`${error.message}\n${error.stdout.toString()}`, { cause: error });
    },
  );
  return stdout;
}
