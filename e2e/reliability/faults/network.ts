import type { Proxy, Weather } from '../parts/proxy.ts';
import type { Stage } from '../stage.ts';
import type { Fault } from './fault.ts';

/** Each of the three connections fails in turn, for so long. */
async function onEachLink(stage: Stage, weather: Weather, ms: Readonly<Durations>): Promise<void> {
  const { links } = stage.house;
  if (!links) return;
  await failFor(stage, links.toReceiver, weather, ms.toReceiver);
  await failFor(stage, links.fromReceiverToClickHouse, weather, ms.toClickHouse);
  await failFor(stage, links.fromApiToClickHouse, weather, ms.toReceiver);
}

interface Durations {
  toReceiver: number;
  toClickHouse: number;
}

async function failFor(
  { pause, recovered }: Stage,
  link: Proxy,
  weather: Weather,
  ms: number,
): Promise<void> {
  link.set(weather);
  await pause(ms);
  const since = performance.now();
  link.set('pass');
  await recovered(since);
}

export const networkCut: Fault = {
  name: 'network-cut',
  what: 'Connections break and are refused: to the receiver, from it to ClickHouse, from the API to ClickHouse, 3 s each',
  house: { links: true },
  happen: (stage) => onEachLink(stage, 'cut', { toReceiver: 3_000, toClickHouse: 3_000 }),
};

export const networkHangs: Fault = {
  name: 'network-hangs',
  what: 'Connections are half open, and nothing arrives: the same three, 12, 18 and 12 s',
  house: { links: true },
  happen: (stage) => onEachLink(stage, 'hang', { toReceiver: 12_000, toClickHouse: 18_000 }),
};

export const answersCut: Fault = {
  name: 'answers-cut',
  what: 'All that is sent arrives, and each answer breaks off in its middle: the same three, 4 s each',
  house: { links: true },
  happen: (stage) => onEachLink(stage, 'cut answers', { toReceiver: 4_000, toClickHouse: 4_000 }),
};

export const networkSlow: Fault = {
  name: 'network-slow',
  what: '20 KB/s in each direction: the same three, 6 s each',
  house: { links: true },
  happen: (stage) => onEachLink(stage, 'slow', { toReceiver: 6_000, toClickHouse: 6_000 }),
};
