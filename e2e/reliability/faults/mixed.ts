import type { Links } from '../parts/house.ts';
import type { Weather } from '../parts/proxy.ts';
import type { Stage } from '../stage.ts';
import type { Fault } from './fault.ts';

type Step = (stage: Stage) => Promise<unknown>;

/** What happens in turn, by chance; each is over when its step ends. */
const steps: readonly [Step, ...Step[]] = [
  async ({ house: { clickhouse } }) => {
    await clickhouse.kill();
    await clickhouse.start();
  },
  async ({ house: { receiver } }) => {
    await receiver.kill();
    await receiver.start();
  },
  async ({ house: { receiver } }) => {
    await receiver.stop();
    await receiver.start();
  },
  async ({ house: { api } }) => {
    await api.kill();
    await api.start();
  },
  async ({ house: { clickhouse }, pause, random }) => {
    process.kill(clickhouse.pid(), 'SIGSTOP');
    await pause(random.whole(4_000));
    process.kill(clickhouse.pid(), 'SIGCONT');
  },
  async ({ house: { links }, pause, random }) => {
    const link = random.pick<keyof Links>([
      'toReceiver',
      'fromReceiverToClickHouse',
      'fromApiToClickHouse',
    ]);
    const weather = random.pick<Weather>(['cut', 'hang', 'cut answers', 'slow']);
    links?.[link].set(weather);
    await pause(random.whole(4_000));
    links?.[link].set('pass');
  },
];

export const mixed: Fault = {
  name: 'mixed',
  what: 'Kills, stops and failing connections one after the other, by chance, for 40 s',
  house: { links: true },
  async happen(stage) {
    const until = performance.now() + 40_000 * stage.scale;
    while (performance.now() < until) {
      await stage.random.pick(steps)(stage);
      await stage.recovered(performance.now());
      await stage.pause(stage.random.whole(1_000));
    }
  },
};
