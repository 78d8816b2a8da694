import type { Stage } from '../stage.ts';
import type { Fault } from './fault.ts';

const TIMES = 3;

/** Kills a part some times, each time after a while, and starts it again after a while. */
async function killSometimes(
  { random, scale, pause, recovered }: Stage,
  part: { kill(): Promise<void>; start(): Promise<void> },
  url?: string,
): Promise<void> {
  for (let time = 0; time < TIMES * scale; time += 1) {
    await pause(random.whole(1_500));
    await part.kill();
    const since = performance.now();
    await pause(random.whole(500));
    await part.start();
    await recovered(since, url);
  }
}

export const clickhouseKilled: Fault = {
  name: 'clickhouse-killed',
  what: 'ClickHouse is killed and started again',
  house: {},
  happen: (stage) => killSometimes(stage, stage.house.clickhouse),
};

export const receiverKilled: Fault = {
  name: 'receiver-killed',
  what: 'The receiver is killed and started again',
  house: {},
  happen: (stage) => killSometimes(stage, stage.house.receiver),
};

export const apiKilled: Fault = {
  name: 'api-killed',
  what: 'The API is killed and started again',
  house: {},
  // The receiver has nothing to do with it, so there is no recovery to wait for.
  happen: (stage) => killSometimes({ ...stage, recovered: () => stage.pause(0) }, stage.house.api),
};

export const collectorKilled: Fault = {
  name: 'collector-killed',
  what: 'The Collector is killed and started again, while the receiver is away',
  needs: ['collector'],
  house: { collector: true },
  async happen(stage) {
    const { collector, receiver } = stage.house;
    if (!collector) return;
    await receiver.stop();
    await killSometimes(stage, collector);
    await receiver.start();
    await killSometimes(stage, collector);
  },
};

export const commandClickhouseKilled: Fault = {
  name: 'npm-start-clickhouse-killed',
  what: 'Under `npm start` the embedded ClickHouse is killed; nobody does anything',
  house: { command: true },
  happen: (stage) => killSometimes(stage, stage.house.clickhouse),
};

export const commandKilled: Fault = {
  name: 'npm-start-killed',
  what: '`npm start` is killed and run again',
  house: { command: true },
  happen: (stage) => killSometimes(stage, stage.house.receiver),
};
