import path from 'node:path';
import { frontConfig, frontVariants, type FrontVariant } from './collector/config.ts';
import { asLine, contest, RESULT_COLUMNS, type Started } from './collector/contest.ts';
import { createNetwork, type Network } from './collector/network.ts';
import { startCollector, startFailtrace, type ClickHouseOfBench } from './collector/start.ts';
import { usualLoads } from './load.ts';
import type { Row } from './report.ts';

const BODIES = 16;
const ROUNDS = 3;
/** Of the network, in Mbit a second. */
const NETWORK_RATES = [1_000, 100] as const;

/** What the ways cost in which a Collector can stand in front of failtrace, on one machine. */
export async function benchFront(clickhouse: ClickHouseOfBench): Promise<Row[]> {
  const { gzip } = usualLoads(BODIES);
  const direct = {
    what: 'no Collector: straight to failtrace',
    load: gzip,
    start: () => startFailtrace(clickhouse),
  };
  const fronts = frontVariants.map((variant) => ({
    what: variant.what,
    load: gzip,
    start: () => startFront(variant, clickhouse),
  }));
  const results = await contest([direct, ...fronts], clickhouse.pids, ROUNDS);
  console.log(`${RESULT_COLUMNS}\n${results.map(asLine).join('\n')}\n`);
  return [];
}

/** The same with a network between the Collector and failtrace; it needs root and iproute2. */
export async function benchNetwork(clickhouse: ClickHouseOfBench): Promise<Row[]> {
  const { gzip } = usualLoads(BODIES);
  const network = createNetwork();
  try {
    for (const megabits of NETWORK_RATES) {
      network.limit(megabits);
      for (const variant of frontVariants.filter(({ isForNetwork }) => isForNetwork)) {
        const before = network.receivedBytes();
        const start = () => startFront(variant, clickhouse, network);
        const what = `${megabits} Mbit/s, ${variant.what}`;
        const [result] = await contest([{ what, load: gzip, start }], clickhouse.pids, 1);
        const megabytes = (network.receivedBytes() - before) / 1_000_000;
        if (result) console.log(`${asLine(result)} ${megabytes.toFixed(1)} MB in all`);
      }
    }
  } finally {
    network.close();
  }
  return [];
}

async function startFront(
  variant: FrontVariant,
  clickhouse: ClickHouseOfBench,
  network?: Network,
): Promise<Started> {
  const failtrace = await startFailtrace(clickhouse, network?.here);
  const collector = await startCollector(
    (ports, directory) => frontConfig(variant, failtrace.url, path.join(directory, 'queue'), ports),
    network && { host: network.there, prefix: network.prefix },
  ).catch(async (error: unknown) => {
    await failtrace.stop();
    throw error;
  });
  return {
    url: collector.url,
    pids: { ...collector.pids, ...failtrace.pids },
    async stop() {
      await collector.stop();
      await failtrace.stop();
    },
  };
}
