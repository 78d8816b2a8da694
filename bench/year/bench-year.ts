import { createClient } from '@clickhouse/client';
import { tables } from '@failtrace/collector-plugin/schema';
import { CollectorError } from '../../e2e/collector/collector-errors.ts';
import { mergesAreDone } from '../merges.ts';
import type { ServerProcess } from '../processes.ts';
import { tellRow, type Row } from '../report.ts';
import { benchDownloads } from './downloads.ts';
import { fillSpans } from './exporter/spans-table.ts';
import { startExporter } from './exporter/start-exporter.ts';
import { fillRetention, patientClient, type Filled } from './fill.ts';
import { benchIdLookUps } from './id-look-ups.ts';
import { benchLists } from './lists.ts';
import { mergeClosedPartitions, stopMerges, tellParts } from './parts.ts';
import { benchSizes } from './sizes.ts';
import { makeFailuresByTrace } from './tables.ts';
import { makeTwin } from './twin.ts';
import { benchWriting } from './writing.ts';

/** What the bench of a whole retention needs. */
export interface YearContext {
  /** ClickHouse, with the user that may write and the one that may read. */
  writeUrl: string;
  readUrl: string;
  /** The beginning of the names of its databases. */
  database: string;
  /** How many failures the retention holds. */
  failures: number;
  startApi: (env: Record<string, string>) => Promise<ServerProcess>;
}

const MERGES_LIMIT_MS = 180_000;

/** What a whole retention does to downloads, lists and look-ups; how much room it takes; and writing it. */
export async function benchYear(context: YearContext): Promise<Row[]> {
  const { writeUrl, database, failures } = context;
  const hasCollector = await canExport(writeUrl, `${database}_exporter`);
  const steps: [name: string, step: () => Promise<Row[]>][] = [
    ['writing', () => benchWriting(writeUrl, `${database}_writing`)],
    ['sizes', () => (hasCollector ? benchSizes(writeUrl, `${database}_size`, failures) : noRows())],
    ['reading', () => benchReading(context, hasCollector)],
  ];
  const rows = new Map<string, Row[]>();
  for (const [name, step] of steps) {
    console.error(`measuring: year, ${name}`);
    rows.set(name, await step());
    await dropDatabases(writeUrl, database);
  }
  return ['reading', 'sizes', 'writing'].flatMap((name) => rows.get(name) ?? []);
}

const noRows = (): Promise<Row[]> => Promise.resolve([]);

async function benchReading(context: YearContext, hasCollector: boolean): Promise<Row[]> {
  const { writeUrl, readUrl, database, failures, startApi } = context;
  const names = {
    year: `${database}_30_days`,
    twin: `${database}_one_part`,
    exporter: `${database}_exporter`,
  };
  const filled = await told('filled', () => fillRetention(writeUrl, names.year, failures));
  await told('the failures by trace', () => fillFailuresByTrace(writeUrl, names.year, filled));
  await told('the twin', () => makeTwin(writeUrl, names.year, names.twin));
  if (hasCollector)
    await told('the exporter’s tables', () => fillExporter(writeUrl, names, filled));
  const client = createClient({ url: writeUrl, database: names.year });
  const exporter = createClient({ url: writeUrl, database: names.exporter });
  const apiOf = (name: string) => startApi({ CLICKHOUSE_URL: new URL(name, readUrl).href });
  const [api, twinApi] = [await apiOf(names.year), await apiOf(names.twin)];
  try {
    await told('merged', () => mergesAreDone(client, MERGES_LIMIT_MS));
    await told('closed', () => closePartitions(writeUrl, names.year));
    for (const name of Object.values(names)) {
      // Nothing merges while it is measured, nor are there fewer parts in the end than at first.
      await stopMerges(client, name);
      await tellParts(client, name);
    }
    const stores = {
      retentionApi: api.url,
      twinApi: twinApi.url,
      retention: client,
      exporter: hasCollector ? exporter : undefined,
    };
    return [
      ...(await benchDownloads(stores, filled)).map(tellRow),
      ...(await benchLists(api.url, filled)),
      ...(await benchIdLookUps(api.url, client, filled)).map(tellRow),
    ];
  } finally {
    await api.stop();
    await twinApi.stop();
    await client.close();
    await exporter.close();
  }
}

async function closePartitions(url: string, database: string): Promise<void> {
  const client = patientClient(url, database);
  try {
    await mergeClosedPartitions(client, database, tables.runRecords);
  } finally {
    await client.close();
  }
}

async function fillFailuresByTrace(
  url: string,
  database: string,
  { stretches }: Filled,
): Promise<void> {
  const client = patientClient(url, database);
  try {
    for (const query of makeFailuresByTrace(stretches)) await client.command({ query });
  } finally {
    await client.close();
  }
}

async function fillExporter(
  url: string,
  { year, exporter }: { year: string; exporter: string },
  { stretches }: Filled,
): Promise<void> {
  // Its tables are made by its start.
  await (await startExporter(url, exporter)).stop();
  await fillSpans(url, { from: year, to: exporter }, stretches);
}

/** Whether there is a Collector to compare with; without one those rows are left out, and stderr says so. */
async function canExport(url: string, database: string): Promise<boolean> {
  try {
    await (await startExporter(url, database)).stop();
    return true;
  } catch (error) {
    if (!(error instanceof CollectorError)) throw error;
    console.error(`nothing is compared with the exporter: ${error.message}`);
    return false;
  }
}

async function told<Result>(what: string, work: () => Promise<Result>): Promise<Result> {
  const start = performance.now();
  const result = await work();
  console.error(`  ${what}: ${((performance.now() - start) / 1_000).toFixed(0)} s`);
  return result;
}

async function dropDatabases(url: string, beginning: string): Promise<void> {
  const client = patientClient(url, 'default');
  try {
    const result = await client.query({
      query: 'SELECT name FROM system.databases WHERE startsWith(name, {beginning:String})',
      query_params: { beginning: `${beginning}_` },
      format: 'JSONEachRow',
    });
    for (const { name } of await result.json<{ name: string }>()) {
      await client.command({ query: `DROP DATABASE ${name} SYNC` });
    }
  } finally {
    await client.close();
  }
}
