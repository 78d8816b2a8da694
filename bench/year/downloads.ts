import { Agent } from 'node:http';
import { traceKey } from '@failtrace/collector-plugin/schema';
import type { ClickHouseClient } from '@clickhouse/client';
import { askWell } from '../requests.ts';
import type { Row } from '../report.ts';
import { median, quantile } from '../statistics.ts';
import { spansOfTrace } from './exporter/spans-table.ts';
import type { Filled } from './fill.ts';
import { alternate } from './pairs.ts';
import { tellPlan } from './parts.ts';
import { failuresOfTrace, recordsOfTrace } from './tables.ts';

const BOUNDS = { rounds: 200, warmUps: 100, seconds: 60 };
/** Prime, so that the traces asked for one after another are of days far apart. */
const STRIDE = 6_841;

/** Where the failures stand. */
export interface Stores {
  /** An API over a whole retention, and over its twin. */
  retentionApi: string;
  twinApi: string;
  /** A client of the retention's database. */
  retention: ClickHouseClient;
  /** A client of the exporter's; undefined where there is no Collector. */
  exporter: ClickHouseClient | undefined;
}

/** `GET …/trace` of random runs, against the twin, the exporter's tables and a bare query. */
export async function benchDownloads(
  { retentionApi, twinApi, retention, exporter }: Stores,
  { failures, sampled }: Filled,
): Promise<Row[]> {
  const agent = new Agent({ keepAlive: true });
  const run = (round: number, side: number) =>
    sampled[((round * 5 + side) * STRIDE) % sampled.length] ?? { runId: '', traceId: '' };
  const download = async (api: string, runId: string) => {
    const trace = await askWell(agent, `${api}/api/runs/${runId}/trace`);
    if (!trace.includes('could not be placed')) throw new Error(`not the trace of ${runId}`);
  };
  const query = async (client: ClickHouseClient, text: string, trace: string) => {
    const key = traceKey(Buffer.from(trace, 'hex'));
    const result = await client.query({
      query: text,
      query_params: { trace, key },
      format: 'JSONEachRow',
    });
    if ((await result.json()).length === 0) throw new Error(`no row of trace ${trace}`);
  };
  const trace = run(0, 0).traceId;
  await tellPlan(retention, 'bare query of a trace', failuresOfTrace, { trace });
  if (exporter) await tellPlan(exporter, 'exporter, spans of a trace', spansOfTrace, { trace });
  try {
    const times = await alternate(
      {
        retention: (round) => download(retentionApi, run(round, 0).runId),
        twin: (round) => download(twinApi, run(round, 1).runId),
        bare: (round) => query(retention, failuresOfTrace, run(round, 2).traceId),
        own: (round) => query(retention, recordsOfTrace, run(round, 4).traceId),
        exporter: async (round) => {
          if (exporter) await query(exporter, spansOfTrace, run(round, 3).traceId);
        },
      },
      BOUNDS,
    );
    return rowsOf(failures, times, exporter !== undefined);
  } finally {
    agent.destroy();
  }
}

type Times = Record<'retention' | 'twin' | 'bare' | 'own' | 'exporter', number[]>;

function rowsOf(failures: number, times: Times, hasExporter: boolean): Row[] {
  const mine = median(times.retention);
  const told = (values: number[]) =>
    `${median(values).toFixed(1)} ms (p99 ${quantile(values, 0.99).toFixed(1)} ms)`;
  const times1 = (of: number[]) => mine / median(of);
  const sooner = median(times.exporter) / mine;
  const rows: Row[] = [
    {
      what: `GET …/trace among ${failures.toLocaleString('en')} failures of 30 days, p50`,
      failtrace: told(times.retention),
      baseline: `${told(times.twin)}, the same failures in one part`,
      result: `${times1(times.twin).toFixed(2)} times`,
      target: 'at most 1.3 times',
      reached: times1(times.twin) <= 1.3,
    },
    {
      what: 'the same',
      failtrace: told(times.retention),
      baseline: `${told(times.bare)}, one bare query by trace id of a table of the failures alone, sorted by it`,
      result: `${times1(times.bare).toFixed(2)} times`,
      target: 'at most 1.0 times',
      reached: times1(times.bare) <= 1,
    },
    {
      what: 'the same',
      failtrace: told(times.retention),
      baseline: `${told(times.own)}, one bare query of our own tables by the key of the trace`,
      result: `${times1(times.own).toFixed(2)} times`,
      target: 'none',
      reached: null,
    },
  ];
  if (!hasExporter) return rows;
  return [
    ...rows,
    {
      what: 'the same',
      failtrace: told(times.retention),
      baseline: `${told(times.exporter)}, \`otel_traces\` by trace id`,
      result: `${sooner.toFixed(1)} times sooner`,
      target: 'at least 3 times',
      reached: sooner >= 3,
    },
  ];
}
