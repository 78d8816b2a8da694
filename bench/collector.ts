import { CollectorError } from '../e2e/collector/collector-errors.ts';
import { resolveBenchCollector } from './collector/collector-process.ts';
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
  const missing = await resolveBenchCollector().then(() => undefined, reasonOf);
  if (missing !== undefined) {
    console.error(`  left out: ${missing}`);
    return [];
  }
  const { gzip, zstd } = usualLoads(BODIES);
  const [batching] = storingVariants;
  const pairings = [
    { load: gzip, variants: storingVariants },
    { load: zstd, variants: [batching] },
  ];
  const rows: Row[] = [];
  for (const { load, variants } of pairings) {
    const ours = {
      what: `failtrace, ${load.coding}`,
      load,
      start: () => startFailtrace(clickhouse),
    };
    const theirs = variants.map((variant) => ({
      what: `${variant.what}, ${load.coding}`,
      load,
      start: () => startStoring(variant, clickhouse),
    }));
    const results = await contest([ours, ...theirs], clickhouse.pids, ROUNDS);
    console.log(`${RESULT_COLUMNS}\n${results.map(asLine).join('\n')}\n`);
    const [first, ...others] = results;
    if (first) rows.push(...others.map((other) => asRow(first, other)));
  }
  return rows;
}

/** @throws what is no reason to leave the bench out */
function reasonOf(error: unknown): string {
  if (error instanceof CollectorError && error.code === 'collector_unavailable') {
    return error.message;
  }
  throw error;
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
