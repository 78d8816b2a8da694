import { Agent } from 'node:http';
import type { ClickHouseClient } from '@clickhouse/client';
import { runKey } from '@failtrace/collector-plugin/schema';
import { askInTime } from '../requests.ts';
import type { Row } from '../report.ts';
import { median } from '../statistics.ts';
import type { Filled } from './fill.ts';
import { alternate } from './pairs.ts';
import { tellPlan } from './parts.ts';
import { keysOfRuns } from './tables.ts';

const IDS = 500;
const BOUNDS = { rounds: 60, warmUps: 10, seconds: 30 };
const MOST_TIMES = 8;

/** `POST /api/runs/lookup` of 500 runs of all days, against a bare query of as many by their ids. */
export async function benchIdLookUps(
  api: string,
  client: ClickHouseClient,
  { sampled }: Filled,
): Promise<Row[]> {
  const agent = new Agent({ keepAlive: true });
  const apart = Math.max(1, Math.floor(sampled.length / IDS));
  const idsOf = (round: number) =>
    Array.from(
      { length: IDS },
      (_, index) => sampled[(index * apart + round) % sampled.length]?.runId ?? '',
    );
  let refused = 0;
  await tellPlan(client, 'bare query of 500 runs', keysOfRuns, { keys: idsOf(0).map(runKey) });
  try {
    const times = await alternate(
      {
        api: async (round) => {
          const answer = await askInTime(agent, `${api}/api/runs/lookup`, {
            body: { run_ids: idsOf(2 * round) },
          });
          if (answer === undefined) refused += 1;
          else requireFailed(answer);
        },
        bare: async (round) => {
          const result = await client.query({
            query: keysOfRuns,
            query_params: { keys: idsOf(2 * round + 1).map(runKey) },
            format: 'JSONEachRow',
          });
          if ((await result.json()).length < IDS) throw new Error('rows are missing');
        },
      },
      BOUNDS,
    );
    const ratio = median(times.api) / median(times.bare);
    return [
      {
        what: `look-up of ${IDS} run ids of 30 days at once, p50`,
        failtrace: `${median(times.api).toFixed(0)} ms${refused > 0 ? ' (with requests that were given up)' : ''}`,
        baseline: `${median(times.bare).toFixed(0)} ms, one bare query by the same number of ids`,
        result: `${ratio.toFixed(1)} times`,
        target: `at most ${MOST_TIMES} times`,
        reached: ratio <= MOST_TIMES && refused === 0,
      },
    ];
  } finally {
    agent.destroy();
  }
}

function requireFailed(answer: string): void {
  const { runs } = JSON.parse(answer) as { runs: { status: string }[] };
  const failed = runs.filter(({ status }) => status === 'failed').length;
  if (failed !== IDS) throw new Error(`${failed} of ${IDS} runs were found`);
}
