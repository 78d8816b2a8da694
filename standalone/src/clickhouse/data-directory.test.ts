import {
  chmod,
  chown,
  mkdir,
  mkdtemp,
  readdir,
  rm,
  stat,
  symlink,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { prepareDataDirectory } from './data-directory.ts';
import { startEmbeddedClickHouse } from './embedded.ts';
import { NEIGHBOUR_UID, needsRoot } from '../testing/neighbour.ts';

let parent: string;
let directory: string;
beforeEach(async () => {
  parent = await mkdtemp(path.join(tmpdir(), 'failtrace-directory-'));
  directory = path.join(parent, 'data');
});
afterEach(async () => {
  await rm(parent, { recursive: true, force: true });
});

const modeOf = async (entry: string) => ((await stat(entry)).mode & 0o777).toString(8);

/** As a person made it, whatever the umask. */
async function make(mode: number): Promise<void> {
  await mkdir(directory);
  await chmod(directory, mode);
}

function refusal(): unknown {
  try {
    prepareDataDirectory(directory);
  } catch (error) {
    return error;
  }
  throw new Error('the directory was taken');
}

const unsafe = (...parts: string[]) => ({
  code: 'data_directory_unsafe',
  message: expect.stringMatching(parts.map((part) => `(?=.*${part})`).join('')),
});

describe('the data directory', () => {
  it('is for its user alone when it is new', async () => {
    directory = path.join(directory, 'and', 'deeper');
    prepareDataDirectory(directory);
    expect(await modeOf(directory)).toBe('700');
  });

  it.each([0o755, 0o750, 0o777])('is closed to others when it was open: %o', async (mode) => {
    await make(mode);
    prepareDataDirectory(directory);
    expect(await modeOf(directory)).toBe('700');
  });

  it.each([0o777, 0o775, 0o1777])(
    'is refused when others could change its data: %o',
    async (mode) => {
      await make(mode);
      await mkdir(path.join(directory, 'clickhouse'));
      expect(refusal()).toMatchObject(unsafe(directory, 'chmod 700'));
      await chmod(directory, 0o700);
      prepareDataDirectory(directory);
    },
  );

  it('is refused when it is a symbolic link', async () => {
    await mkdir(path.join(parent, 'elsewhere'));
    await symlink(path.join(parent, 'elsewhere'), directory);
    expect(refusal()).toMatchObject(unsafe(directory, 'symbolic link', 'FAILTRACE_DATA_DIR'));
  });

  it('is refused when it belongs to another user', async (context) => {
    needsRoot(context);
    await make(0o700);
    await chown(directory, NEIGHBOUR_UID, NEIGHBOUR_UID);
    expect(refusal()).toMatchObject(unsafe(directory, 'another user', 'FAILTRACE_DATA_DIR'));
  });

  it.each(['clickhouse', 'config', 'lock'])(
    'is refused when its %s is a symbolic link, and nothing is written through it',
    async (name) => {
      await make(0o700);
      const target = path.join(parent, 'target');
      await mkdir(target);
      await symlink(target, path.join(directory, name));
      await expect(startEmbeddedClickHouse(directory)).rejects.toMatchObject(
        unsafe(path.join(directory, name), 'symbolic link', 'FAILTRACE_DATA_DIR'),
      );
      expect(await readdir(target)).toEqual([]);
    },
  );

  it.for(['clickhouse', 'config', 'lock'])(
    'is refused when its %s belongs to another user',
    async (name, context) => {
      needsRoot(context);
      await make(0o700);
      await writeFile(path.join(directory, name), '');
      await chown(path.join(directory, name), NEIGHBOUR_UID, NEIGHBOUR_UID);
      expect(refusal()).toMatchObject(unsafe(path.join(directory, name), 'another user'));
    },
  );
});
