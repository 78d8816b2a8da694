import type { Disk } from '../parts/disk.ts';
import type { Stage } from '../stage.ts';
import type { Fault } from './fault.ts';

const DISK = { diskMebibytes: 400 };

function diskOf({ house: { disk } }: Stage): Disk {
  if (!disk) throw new Error('the house has no disk');
  return disk;
}

export const diskFull: Fault = {
  name: 'disk-full',
  what: 'The disk of ClickHouse has no byte left for 10 s',
  needs: ['disk'],
  house: DISK,
  async happen(stage) {
    const disk = diskOf(stage);
    await disk.fill();
    await stage.pause(10_000);
    const since = performance.now();
    await disk.empty();
    await stage.recovered(since);
  },
};

export const diskSlow: Fault = {
  name: 'disk-slow',
  what: 'The disk of ClickHouse takes 40 writes a second, for 15 s',
  needs: ['disk', 'throttle'],
  house: DISK,
  async happen(stage) {
    const disk = diskOf(stage);
    disk.throttle(40);
    try {
      await stage.pause(15_000);
    } finally {
      disk.throttle(0);
    }
    await stage.recovered(performance.now());
  },
};

export const diskStalls: Fault = {
  name: 'disk-stalls',
  what: 'The disk of ClickHouse takes nothing for 18 s (`fsfreeze`)',
  needs: ['disk'],
  house: DISK,
  async happen(stage) {
    const disk = diskOf(stage);
    await disk.freeze();
    await stage.pause(18_000);
    const since = performance.now();
    await disk.thaw();
    await stage.recovered(since);
  },
};

export const diskReadOnly: Fault = {
  name: 'disk-read-only',
  what: 'The kernel makes the disk of ClickHouse read-only; it is mended, and ClickHouse started again',
  needs: ['disk'],
  house: DISK,
  async happen(stage) {
    const disk = diskOf(stage);
    disk.breakDown();
    await stage.pause(4_000);
    await stage.house.clickhouse.kill();
    const since = performance.now();
    await disk.mend();
    await stage.house.clickhouse.start();
    await stage.recovered(since);
  },
};

const POWER_LOSSES = 3;

export const powerLost: Fault = {
  name: 'power-lost',
  what: 'The power goes: ClickHouse comes back with what had been written through to the disk',
  needs: ['disk'],
  house: DISK,
  async happen(stage) {
    const disk = diskOf(stage);
    const { clickhouse } = stage.house;
    for (let time = 0; time < POWER_LOSSES * stage.scale; time += 1) {
      await stage.pause(500 + stage.random.whole(2_000));
      const since = performance.now();
      process.kill(clickhouse.pid(), 'SIGSTOP');
      await disk.keepImage();
      await clickhouse.kill();
      await disk.takeImage();
      await clickhouse.start();
      await stage.recovered(since);
    }
  },
};
