import { setTimeout as sleep } from 'node:timers/promises';
import type { Stage } from '../stage.ts';
import type { Fault } from './fault.ts';

/** How often each part is killed. */
const KILLS = { clickhouse: 20, receiver: 5, collector: 5 } as const;
type Part = keyof typeof KILLS;

/**
 * So many failures, half of them through the Collector and half past it, while the parts are killed and started
 * again; the kills are spread evenly over the failures, in an order by chance.
 */
export function manyKills(failures: number): Fault {
  return {
    name: 'many-kills',
    what: `At least ${failures.toLocaleString('en')} failures, while ClickHouse is killed 20 times, the receiver 5 and the Collector 5`,
    needs: ['collector'],
    house: { collector: true, besideCollector: true },
    load: { senders: 8, batch: { exactly: 200 }, pauseMs: 0, sticky: true },
    async happen(stage) {
      const order = shuffled(stage);
      for (const [index, part] of order.entries()) {
        const due = ((index + 0.5) / order.length) * failures;
        while (stage.ledger.sent() < due) await sleep(20);
        await killOne(stage, part);
      }
      while (stage.ledger.sent() < failures) await sleep(20);
    },
  };
}

async function killOne({ house, pause, random, recovered }: Stage, part: Part): Promise<void> {
  const killed = house[part];
  await killed?.kill();
  const since = performance.now();
  await pause(random.whole(300));
  await killed?.start();
  // Nobody can be answered by the receiver without it and ClickHouse, nor by the Collector without it.
  await recovered(since, part === 'collector' ? house.collector?.url : house.receiver.url);
}

function shuffled({ random }: Stage): Part[] {
  const all = Object.entries(KILLS).flatMap(([part, times]) =>
    Array.from({ length: times }, () => ({ part: part as Part, place: random.next() })),
  );
  return all.toSorted((a, b) => a.place - b.place).map(({ part }) => part);
}
