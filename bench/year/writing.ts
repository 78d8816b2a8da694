import { setTimeout } from 'node:timers/promises';
import type { ClickHouseClient } from '@clickhouse/client';
import { createStore, createStoreClient } from '@failtrace/collector-plugin';
import { mergesAreDone } from '../merges.ts';
import type { Row } from '../report.ts';
import { median } from '../statistics.ts';
import { makeDatabase, RETENTION_MS } from './fill.ts';
import { activeParts } from './parts.ts';
import { createRuns } from './runs.ts';
import { grownTables } from './tables.ts';

/** What an hour brings, at a batch a second. */
const INSERTS = 3_600;
const FAILURES_AN_INSERT = 20;
const CLOCK_STEP_MS = 1_000;
/** The hour is compressed forty times; ClickHouse has as much less time for its merges. */
const PACE_MS = 25;
const LOOK_EVERY = 20;
const STACKS = 1_000;

/**
 * An hour of steady writing: so many inserts at a fixed pace, with the store's clock going on a second with
 * each. How many parts stand beside one another meanwhile, and how much merges write.
 */
export async function benchWriting(url: string, database: string): Promise<Row[]> {
  await makeDatabase(url, database);
  const client = createStoreClient({ url, database });
  try {
    for (const table of grownTables) {
      // What merges have replaced is kept, so that it can be counted in the end.
      const query = `ALTER TABLE ${table} MODIFY SETTING old_parts_lifetime = 3600`;
      await client.command({ query });
    }
    const counts = await writeSteadily(client, database);
    await mergesAreDone(client, 60_000);
    const written = await writtenBytes(client, database);
    return [...counts].map(([table, parts]) => rowOf(table, parts, written.get(table)));
  } finally {
    await client.close();
  }
}

/** @returns the number of active parts of each table, each time that was looked */
async function writeSteadily(
  client: ClickHouseClient,
  database: string,
): Promise<Map<string, number[]>> {
  const start = Date.now();
  let nowMs = start;
  const store = createStore({
    client,
    retentionMs: RETENTION_MS,
    batchRows: 1,
    now: () => nowMs,
  });
  const runsOf = createRuns(STACKS);
  const counts = new Map<string, number[]>();
  try {
    for (let insert = 0; insert < INSERTS; insert += 1) {
      nowMs = start + insert * CLOCK_STEP_MS;
      const stretch = { fromMs: nowMs - CLOCK_STEP_MS, untilMs: nowMs };
      const { extracted } = runsOf(FAILURES_AN_INSERT, stretch, Number.MAX_SAFE_INTEGER);
      const due = setTimeout(Math.max(0, start + (insert + 1) * PACE_MS - Date.now()));
      await Promise.all([store.write(extracted), due]);
      if (insert % LOOK_EVERY !== 0) continue;
      for (const { table, parts } of await activeParts(client, database)) {
        counts.set(table, [...(counts.get(table) ?? []), parts]);
      }
    }
  } finally {
    await store.close();
  }
  const grown = [...counts].filter(([table]) => grownTables.includes(table));
  return new Map(grown);
}

interface Written {
  inserted: number;
  merged: number;
}

/**
 * Bytes of all parts there ever were, by table: those that were inserted, and those that merges made. A merged
 * part has the blocks of several inserts; its level does not tell, since a ReplacingMergeTree starts with 1.
 */
async function writtenBytes(
  client: ClickHouseClient,
  database: string,
): Promise<Map<string, Written>> {
  const result = await client.query({
    query: `SELECT table, 
        sumIf(bytes_on_disk, min_block_number = max_block_number) AS inserted,
        sumIf(bytes_on_disk, min_block_number < max_block_number) AS merged
      FROM system.parts WHERE database = {database:String} GROUP BY table`,
    query_params: { database },
    format: 'JSONEachRow',
  });
  const rows = await result.json<Record<'table' | 'inserted' | 'merged', string>>();
  return new Map(
    rows.map(({ table, inserted, merged }) => [
      table,
      { inserted: Number(inserted), merged: Number(merged) },
    ]),
  );
}

function rowOf(table: string, parts: readonly number[], written: Written | undefined): Row {
  const { inserted, merged } = written ?? { inserted: Number.NaN, merged: Number.NaN };
  const megabytes = (bytes: number) => `${(bytes / 1e6).toFixed(1)} MB`;
  return {
    what: `parts of \`${table}\` during ${INSERTS.toLocaleString('en')} inserts, and what merges write`,
    failtrace: `${Math.min(...parts)} to ${Math.max(...parts)} parts, ${median(parts)} in the middle`,
    baseline: `${megabytes(inserted)} inserted, ${megabytes(merged)} merged`,
    result: `${(merged / inserted).toFixed(1)} times what is inserted`,
    target: 'none',
    reached: null,
  };
}
