import { createClient, type ClickHouseClient } from '@clickhouse/client';
import { createStore, createStoreClient, migrate } from '@failtrace/collector-plugin';
import { createRuns, type SampledRun, type Stretch } from './runs.ts';

export const RETENTION_DAYS = 30;
export const RETENTION_MS = RETENTION_DAYS * 86_400_000;
const WRITES_A_DAY = 4;
const WRITES = RETENTION_DAYS * WRITES_A_DAY;
const STRETCH_MS = RETENTION_MS / WRITES;
const STACKS = 1_000;
const SAMPLES = 20_000;
const MOST_BYTES = 512 * 1024 * 1024;
/** The last runs ended so long ago: those of the last seconds the list may leave out. */
const OLD_ENOUGH_MS = 60_000;

/** What a store was filled with. */
export interface Filled {
  failures: number;
  /** Runs that failed, spread over the whole retention, in the order of time. */
  sampled: SampledRun[];
  /** The stretches of time, each of which was one write, in the order of time. */
  stretches: Stretch[];
}

/**
 * Fills a new database through the store, a whole retention in its order, with the store's clock going
 * along: four writes a day, each one insert for each table.
 */
export async function fillRetention(url: string, database: string, failures: number) {
  await makeDatabase(url, database);
  const client = patientClient(url, database);
  const start = Date.now() - OLD_ENOUGH_MS - RETENTION_MS;
  const stretches = Array.from({ length: WRITES }, (_, index) => ({
    fromMs: start + index * STRETCH_MS,
    untilMs: start + (index + 1) * STRETCH_MS,
  }));
  let nowMs = start;
  const store = createStore({
    client,
    retentionMs: RETENTION_MS,
    // Every write is a batch of its own, and so one insert for each table.
    batchRows: 1,
    batchBytes: MOST_BYTES,
    maxPendingBytes: MOST_BYTES,
    insertTimeoutMs: 120_000,
    now: () => nowMs,
  });
  const runsOf = createRuns(STACKS);
  const perWrite = Math.ceil(failures / WRITES);
  const filled: Filled = { failures: perWrite * WRITES, sampled: [], stretches };
  // Odd, so that runs of every kind are among them.
  const sampleEvery = Math.floor(failures / SAMPLES) | 1;
  let before: Promise<void> | undefined;
  try {
    for (const stretch of stretches) {
      nowMs = stretch.untilMs;
      const { extracted, sampled } = runsOf(perWrite, stretch, sampleEvery);
      filled.sampled.push(...sampled);
      const writing = store.write(extracted);
      // Awaited later. Where the one before it fails it never is, and must not end the process before it is clean.
      writing.catch(() => undefined);
      // One is under way while the next is made, and no more.
      await before;
      before = writing;
    }
    await before;
  } finally {
    await store.close();
    await client.close();
  }
  return filled;
}

/** Makes a database with failtrace's tables, and no rows. */
export async function makeDatabase(url: string, database: string): Promise<void> {
  const admin = createStoreClient({ url });
  await migrate({ client: admin, database });
  await admin.close();
}

/**
 * A client for statements that work on millions of rows. Each has a connection of its own: while
 * rows are made nobody looks after a kept one, and the client warns that it is used beyond its time.
 */
export function patientClient(url: string, database: string): ClickHouseClient {
  return createClient({
    url,
    database,
    request_timeout: 900_000,
    keep_alive: { enabled: false },
    clickhouse_settings: {
      send_progress_in_http_headers: 1,
      http_headers_progress_interval_ms: '20000',
    },
  });
}
