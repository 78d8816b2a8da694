import { storingConfig, storingVariants, type StoringVariant } from './collector/config.ts';
import { asLine, contest, RESULT_COLUMNS, type Result, type Started } from './collector/contest.ts';
import {
  freshDatabase,
  startCollector,
  startFailtrace,
  type ClickHouseOfBench,
} from './collector/start.ts';
import { usualLoads } from './load.ts';
import type { Row } from './report.ts';

const BODIES = 16;
const ROUNDS = 3;
const LEAST_RATIO = 3.5;

/**
 * CPU seconds for a million spans: failtrace beside the Collector with its own exporter, into the same
 * ClickHouse, from the same bytes.
 */
export async function benchCollector(clickhouse: ClickHouseOfBench): Promise<Row[]> {
  const loads = Object.values(usualLoads(BODIES));
  const pairs = loads.flatMap((load) => [
    { what: `failtrace, ${load.coding}`, load, start: () => startFailtrace(clickhouse) },
    ...storingVariants.map((variant) => ({
      what: `${variant.what}, ${load.coding}`,
      load,
      start: () => startStoring(variant, clickhouse),
    })),
  ]);
  const results = await contest(pairs, clickhouse.pids, ROUNDS);
  console.log(`${RESULT_COLUMNS}\n${results.map(asLine).join('\n')}\n`);
  return loads.flatMap((_, index) => {
    const each = storingVariants.length + 1;
    const [ours, ...theirs] = results.slice(index * each, (index + 1) * each);
    return ours ? theirs.map((their) => asRow(ours, their)) : [];
  });
}

async function startStoring(
  variant: StoringVariant,
  clickhouse: ClickHouseOfBench,
): Promise<Started> {
  const target = { url: clickhouse.url, database: await freshDatabase(clickhouse) };
  return startCollector((ports) => storingConfig(variant, target, ports));
}

function asRow(ours: Result, theirs: Result): Row {
  const ratio = theirs.whole / ours.whole;
  const seconds = ({ own, whole }: Result) => `${own.toFixed(2)} / ${whole.toFixed(2)} s`;
  return {
    what: `CPU of a million spans, process / with ClickHouse; beside the ${theirs.what}`,
    failtrace: seconds(ours),
    baseline: seconds(theirs),
    result: `${ratio.toFixed(1)} times less`,
    target: `at least ${LEAST_RATIO} times`,
    reached: ratio >= LEAST_RATIO,
  };
}
