import { Agent } from 'node:http';
import { askInTime, askWell } from '../requests.ts';
import { tellRow, type Row } from '../report.ts';
import { median } from '../statistics.ts';
import { namespaces, services, words } from './vocabulary.ts';
import type { Filled } from './fill.ts';
import { alternate } from './pairs.ts';

const BOUNDS = { rounds: 60, warmUps: 10, seconds: 20 };
const DAY_MS = 86_400_000;
const STRIDE = 6_841;
const MOST_TIMES = 1.5;

/** What the list is narrowed down to, each in words and as its query. */
function questions(): Record<string, Record<string, string>> {
  const daysBack = (days: number) => new Date(Date.now() - days * DAY_MS).toISOString();
  return {
    'no filter': {},
    'a frequent service': { service: services[0] ?? '' },
    'the rarest service': { service: services.at(-1) ?? '' },
    'a service that does not exist': { service: 'none' },
    'a namespace': { namespace: namespaces[2] ?? '' },
    '`status=ok`': { status: 'ok' },
    '`status=all`': { status: 'all' },
    '`until` 15 days back': { until: daysBack(15) },
    '`since` 15 and `until` 14 days back': { since: daysBack(15), until: daysBack(14) },
    '`q` of a frequent word': { q: words.frequent },
    '`q` of a rare word': { q: words.rare },
    '`q` of a word that is nowhere': { q: words.absent },
  };
}

/** The first page of the list, narrowed down in every way, each against one detail. */
export async function benchLists(api: string, { sampled }: Filled): Promise<Row[]> {
  const agent = new Agent({ keepAlive: true });
  const rows: Row[] = [];
  try {
    for (const [name, query] of Object.entries(questions())) {
      rows.push(tellRow(await rowOf(agent, api, sampled, name, query)));
    }
  } finally {
    agent.destroy();
  }
  return rows;
}

function countRuns(body: string): string {
  const { runs } = JSON.parse(body) as { runs: unknown[] };
  return runs.length === 1 ? '1 run' : `${runs.length} runs`;
}

async function rowOf(
  agent: Agent,
  api: string,
  sampled: Filled['sampled'],
  name: string,
  query: Record<string, string>,
): Promise<Row> {
  const list = `${api}/api/runs?${new URLSearchParams({ limit: '50', ...query })}`;
  let answered = 'nothing';
  let refused = 0;
  const times = await alternate(
    {
      list: async () => {
        const answer = await askInTime(agent, list);
        if (answer === undefined) refused += 1;
        else answered = countRuns(answer);
      },
      detail: (round) =>
        askWell(agent, `${api}/api/runs/${sampled[(round * STRIDE) % sampled.length]?.runId}`),
    },
    BOUNDS,
  );
  const [listMs, detailMs] = [median(times.list), median(times.detail)];
  const ratio = listMs / detailMs;
  return {
    what: `first page of the list, ${name}, p50`,
    failtrace: `${listMs.toFixed(1)} ms (${refused > 0 ? 'with requests that were given up' : answered})`,
    baseline: `${detailMs.toFixed(1)} ms, one detail`,
    result: `${ratio.toFixed(2)} times`,
    target: `at most ${MOST_TIMES} times`,
    reached: ratio <= MOST_TIMES && refused === 0,
  };
}
