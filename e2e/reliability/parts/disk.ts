import { execFile, execFileSync } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import { mkdir, open, rm, statfs } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** A small disk of its own: an ext4 file system in a file. It needs root, on Linux. */
export interface Disk {
  /** Where it is mounted. */
  directory: string;
  /** Takes all space that is left, to the last byte. */
  fill(): Promise<void>;
  /** Gives that space back. */
  empty(): Promise<void>;
  /** From now on whoever writes to it waits, until {@link thaw}. */
  freeze(): Promise<void>;
  thaw(): Promise<void>;
  /** At most so many writes a second reach it; 0 for as many as come. Needs {@link canThrottle}. */
  throttle(writesASecond: number): void;
  /** What the kernel does at a damaged disk: from now on it can only be read. */
  breakDown(): void;
  /** Takes it away, mends the file system and mounts it again; nothing may be open on it. */
  mend(): Promise<void>;
  /** Keeps what would be left of it if the power went now: what was written through, and no more. */
  keepImage(): Promise<void>;
  /** Takes it away and puts the image in its place that was kept; nothing may be open on it. */
  takeImage(): Promise<void>;
  remove(): Promise<void>;
}

/** Where the first version of cgroups lets a device be slowed down for everybody who uses it. */
const THROTTLE = '/sys/fs/cgroup/blkio/blkio.throttle.write_iops_device';

/** Whether the disk can be made slow here. */
export function canThrottle(): boolean {
  return existsSync(THROTTLE);
}

/** Whether a disk can be had here at all. */
export function canMount(): boolean {
  return (
    process.platform === 'linux' && process.getuid?.() === 0 && existsSync('/dev/loop-control')
  );
}

/** Makes a disk of so many MiB, with its file below `directory`. */
export async function makeDisk(directory: string, mebibytes: number): Promise<Disk> {
  const image = path.join(directory, 'disk.ext4');
  const kept = path.join(directory, 'kept.ext4');
  const mounted = path.join(directory, 'disk');
  const ballast = path.join(mounted, 'ballast');
  await run('truncate', ['-s', `${mebibytes}M`, image]);
  await run('mkfs.ext4', ['-q', '-m', '0', image]);
  await mkdir(mounted);
  // By itself the kernel would write every five seconds, and a loss of power be harmless by luck.
  const mount = () => run('mount', ['-o', 'loop,errors=remount-ro,commit=300', image, mounted]);
  const unmount = () => run('umount', [mounted]);
  const device = () =>
    execFileSync('findmnt', ['-n', '-o', 'SOURCE', mounted], { encoding: 'utf8' }).trim();
  const throttle = (writesASecond: number) => {
    const numbers = execFileSync('lsblk', ['-n', '-o', 'MAJ:MIN', device()], { encoding: 'utf8' });
    writeFileSync(THROTTLE, `${numbers.trim()} ${writesASecond}`);
  };
  let frozen = false;
  let throttled = false;
  /** Leaves nothing behind that outlives the process, also where it is ended in the middle of a fault. */
  const unmountNow = () => {
    if (throttled) throttle(0);
    if (frozen) execFileSync('fsfreeze', ['--unfreeze', mounted]);
    execFileSync('umount', ['--lazy', mounted]);
  };
  await mount();
  process.once('exit', unmountNow);

  async function thaw(): Promise<void> {
    if (!frozen) return;
    frozen = false;
    await run('fsfreeze', ['--unfreeze', mounted]);
  }

  return {
    directory: mounted,
    async fill() {
      const file = await open(ballast, 'w');
      try {
        const { bavail, bsize } = await statfs(mounted);
        await run('fallocate', ['-l', String(bavail * bsize), ballast]).catch(() => undefined);
        const block = Buffer.alloc(4096);
        // Until the disk itself says that there is no room for one more.
        for (;;) await file.appendFile(block);
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
      } finally {
        await file.close();
      }
    },
    empty: () => rm(ballast),
    async freeze() {
      await run('fsfreeze', ['--freeze', mounted]);
      frozen = true;
    },
    thaw,
    throttle(writesASecond) {
      throttled = writesASecond > 0;
      throttle(writesASecond);
    },
    breakDown() {
      writeFileSync(`/sys/fs/ext4/${path.basename(device())}/trigger_fs_error`, 'made for a test');
    },
    async mend() {
      await unmount();
      // Its exit code is 1 where it has mended something.
      await run('e2fsck', ['-p', image]).catch((error: Error & { code?: number }) => {
        if (error.code !== 1) throw error;
      });
      await mount();
    },
    async keepImage() {
      const copy = () => run('cp', ['--sparse=always', image, kept]);
      const isTheSame = () =>
        run('cmp', ['--silent', image, kept]).then(
          () => true,
          () => false,
        );
      // The kernel may have written while it was copied: then the copy is of no one moment.
      do await copy();
      while (!(await isTheSame()));
    },
    async takeImage() {
      await unmount();
      await run('mv', [kept, image]);
      await mount();
    },
    async remove() {
      await thaw();
      process.removeListener('exit', unmountNow);
      await unmount();
      await rm(image, { force: true });
    },
  };
}
