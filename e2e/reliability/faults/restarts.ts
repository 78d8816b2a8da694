import { startProgramToBeKilled } from '../../cluster/programs.ts';
import type { Fault } from './fault.ts';
import { dropDatabase } from './tables.ts';

const ROUNDS = 2;

export const rollingRestart: Fault = {
  name: 'rolling-restart',
  what: 'Two receivers are ended (`SIGTERM`) and started again, one after the other, twice',
  house: { receivers: 2 },
  async happen({ house, recovered, pause, note }) {
    const took: number[] = [];
    for (let round = 0; round < ROUNDS; round += 1) {
      for (const receiver of house.receivers) {
        await pause(500);
        took.push(await receiver.stop());
        const since = performance.now();
        await receiver.start();
        await recovered(since, receiver.url);
      }
    }
    note(`an end took at most ${(Math.max(...took) / 1_000).toFixed(1)} s`);
  },
};

export const commandEnded: Fault = {
  name: 'npm-start-ended',
  what: '`npm start` is ended (`SIGTERM`) under load and run again, twice',
  house: { command: true },
  async happen({ house: { receiver }, recovered, pause, note }) {
    const took: number[] = [];
    for (let round = 0; round < ROUNDS; round += 1) {
      await pause(500);
      took.push(await receiver.stop());
      const since = performance.now();
      await receiver.start();
      await recovered(since);
    }
    note(`an end took at most ${(Math.max(...took) / 1_000).toFixed(1)} s`);
  },
};

const MIGRATIONS = 6;
/** A migration is over after about so long. */
const LONGEST_LIFE_MS = 700;

export const migrationKilled: Fault = {
  name: 'migration-killed',
  what: 'The receiver is down, the database is gone, and what makes it anew is killed six times; then the receiver starts',
  house: {},
  async happen({ house, ledger, random, pause, recovered }) {
    const { clickhouse, receiver } = house;
    await receiver.kill();
    const lost = ledger.forgive(Number.NEGATIVE_INFINITY);
    await dropDatabase(clickhouse);
    lost();
    for (let time = 0; time < MIGRATIONS; time += 1) {
      const migration = startProgramToBeKilled('migrate', { CLICKHOUSE_URL: clickhouse.writeUrl });
      await pause(150 + random.whole(LONGEST_LIFE_MS - 150));
      await migration.kill();
    }
    const since = performance.now();
    await receiver.start();
    await recovered(since);
  },
};
