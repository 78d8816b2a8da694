import { Agent } from 'node:http';
import { createClient } from '@clickhouse/client';
import { createStore, type Extracted } from '@failtrace/collector-plugin';
import { traceKey } from '@failtrace/collector-plugin/schema';
import { failedRun } from './failures.ts';
import { benchHidden } from './hidden.ts';
import { mergesAreDone } from './merges.ts';
import type { ServerProcess } from './processes.ts';
import type { Row } from './report.ts';
import { askWell } from './requests.ts';
import { quantile, timed } from './statistics.ts';
import { recordsOfTrace } from './year/tables.ts';

const FAILURES = 1_000_000;
const INSERT_AT_ONCE = 10_000;
const DIFFERENT_STACKS = 1_000;
const REQUESTS = 300;
const WARM_UPS = 200;
const MERGES_LIMIT_MS = 120_000;
/** Prime, so that the runs asked for differ in their stacks. */
const SAMPLED_EVERY = 997;

/**
 * `GET /api/runs/{run_id}/trace` among a million failures, against one bare query: the record of
 * the run's failure by the key of its trace, through the official client, and nothing else. And, among the
 * same failures, a hidden run against one that does not exist.
 */
export async function benchLookUp(
  databaseUrl: string,
  startApi: (env?: Record<string, string>) => Promise<ServerProcess>,
): Promise<Row[]> {
  const client = createClient({ url: databaseUrl });
  const sampled = await insertFailures(databaseUrl);
  await mergesAreDone(client, MERGES_LIMIT_MS);
  const api = await startApi();
  const agent = new Agent({ keepAlive: true });
  const times = { api: [] as number[], query: [] as number[] };
  try {
    for (let index = 0; index < WARM_UPS + REQUESTS; index += 1) {
      // Different runs, so that neither side finds warm what the other has just read.
      const { runId } = sampled[2 * index] ?? { runId: '' };
      const { traceId } = sampled[2 * index + 1] ?? { traceId: '' };
      const apiMs = await timed(async () => {
        const trace = await askWell(agent, `${api.url}/api/runs/${runId}/trace`);
        if (!trace.includes(runId)) throw new Error(`not the trace of ${runId}: ${trace}`);
      });
      const queryMs = await timed(async () => {
        const result = await client.query({
          query: recordsOfTrace,
          query_params: { key: traceKey(Buffer.from(traceId, 'hex')) },
          format: 'JSONEachRow',
        });
        if ((await result.json()).length !== 1) throw new Error('the point query found no row');
      });
      if (index >= WARM_UPS) {
        times.api.push(apiMs);
        times.query.push(queryMs);
      }
    }
  } finally {
    agent.destroy();
    await api.stop();
    await client.close();
  }
  const ratio = quantile(times.api, 0.5) / quantile(times.query, 0.5);
  const hidden = await benchHidden(
    sampled.map(({ runId }) => runId),
    startApi,
  );
  const both = (values: number[]) =>
    `${quantile(values, 0.5).toFixed(1)} ms (p99 ${quantile(values, 0.99).toFixed(1)} ms)`;
  return [
    {
      what: `GET …/trace among ${FAILURES.toLocaleString('en')} failures, p50`,
      failtrace: both(times.api),
      baseline: `${both(times.query)}, one bare point query`,
      result: `${ratio.toFixed(2)} times`,
      target: 'at most 2.5 times',
      reached: ratio <= 2.5,
    },
    ...hidden,
  ];
}

/** Fills the tables through the store, and returns some of the runs, spread evenly. */
async function insertFailures(databaseUrl: string): Promise<{ runId: string; traceId: string }[]> {
  const client = createClient({ url: databaseUrl });
  const store = createStore({ client, retentionMs: 30 * 86_400_000 });
  const frames = Array.from(
    { length: 30 },
    (_, index) => `    at step${index} (/srv/app/dist/steps/step-${index}.js:${index}:11)`,
  ).join('\n');
  const sampled: { runId: string; traceId: string }[] = [];
  for (let first = 0; first < FAILURES; first += INSERT_AT_ONCE) {
    const extracted: Extracted = {
      failures: [],
      runSpans: [],
      rejected: { items: 0, message: '' },
    };
    for (let index = first; index < first + INSERT_AT_ONCE; index += 1) {
      const runId = `run_bench_${index}`;
      const message = `order of ${runId} not found`;
      const stackText = Buffer.from(
        `OrderNotFoundError: ${message}\n${frames}\n    at entry${index % DIFFERENT_STACKS} (main.js:1:1)`,
      );
      const { failure, runSpan } = failedRun(runId, { message, stackText });
      extracted.failures.push(failure);
      extracted.runSpans.push(runSpan);
      if (index % SAMPLED_EVERY === 0)
        sampled.push({ runId, traceId: failure.traceId.toString('hex') });
    }
    await store.write(extracted);
  }
  await store.close();
  await client.close();
  return sampled;
}
