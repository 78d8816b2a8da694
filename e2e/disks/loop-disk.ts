import { execFile } from 'node:child_process';
import { closeSync, openSync, writeSync } from 'node:fs';
import { copyFile, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import type { TestContext } from 'vitest';

const run = promisify(execFile);

/** A small disk of its own: ext4 in a file, mounted. */
export interface LoopDisk {
  /** Where it is mounted. */
  directory: string;
  /** Leaves not one byte free. */
  fill(): void;
  /** Takes away what {@link fill} wrote. */
  free(): Promise<void>;
  /**
   * The same disk as it would be found after the power had failed now: a copy of what was written to the
   * device, and nothing of what the kernel still has in memory, mounted in its turn. Mounting replays the
   * journal, as after a real loss.
   */
  afterPowerLoss(): Promise<LoopDisk>;
  remove(): Promise<void>;
}

/**
 * Ends a test that needs disks of its own where the process may not mount any. That is no pass: in CI, which is
 * asked to have what the tests need, it fails.
 */
export async function needsDisks(context: TestContext): Promise<void> {
  try {
    const disk = await makeLoopDisk(8);
    await disk.remove();
  } catch (error) {
    const need = `needs to mount a file as a disk, as root on Linux: ${(error as Error).message.split('\n')[0]}`;
    if (process.env['CI']) throw new Error(need, { cause: error });
    context.skip(need);
  }
}

export async function makeLoopDisk(mebibytes: number): Promise<LoopDisk> {
  const home = await mkdtemp(path.join(tmpdir(), 'failtrace-disk-'));
  const image = path.join(home, 'image');
  // No blocks are kept back for root, so that a full disk is full for everybody.
  await run('mkfs.ext4', ['-q', '-m', '0', image, `${mebibytes}M`]);
  return mountedImage(home, image);
}

async function mountedImage(home: string, image: string): Promise<LoopDisk> {
  const directory = path.join(home, 'mounted');
  const filling = path.join(directory, 'filling');
  await mkdir(directory);
  // The kernel would else write by itself every five seconds, and a loss of power be found harmless by luck.
  await run('mount', ['-o', 'loop,commit=300', image, directory]);
  return {
    directory,
    fill: () => fillWith(filling),
    free: () => rm(filling, { force: true }),
    async afterPowerLoss() {
      const copyHome = await mkdtemp(path.join(tmpdir(), 'failtrace-disk-'));
      const copy = path.join(copyHome, 'image');
      await copyFile(image, copy);
      return mountedImage(copyHome, copy);
    },
    async remove() {
      await unmount(directory);
      await rm(home, { recursive: true, force: true });
    },
  };
}

const UNMOUNT_MS = 10_000;

/** A process that was killed has its files open for another moment. */
async function unmount(directory: string): Promise<void> {
  for (const until = Date.now() + UNMOUNT_MS; ; await sleep(100)) {
    try {
      await run('umount', [directory]);
      return;
    } catch (error) {
      if (Date.now() > until) throw error;
    }
  }
}

/** In ever smaller pieces, down to a block. */
function fillWith(file: string): void {
  const fd = openSync(file, 'a');
  for (let bytes = 2 ** 20; bytes >= 512; bytes /= 2) {
    const piece = Buffer.alloc(bytes, 1);
    try {
      while (writeSync(fd, piece) > 0);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
    }
  }
  closeSync(fd);
}
