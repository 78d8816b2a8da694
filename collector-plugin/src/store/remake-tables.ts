import { ClickHouseError } from '@clickhouse/client';
import type { ClickHouseAddress } from '@failtrace/contract/server';
import { createStoreClient } from './client.ts';
import { migrate } from './migrate.ts';
import { LOCK_TIMES } from './schema-lock.ts';

/** Not more often, in milliseconds: whoever drops the tables may have a reason, and drop them again. */
const LEAST_INTERVAL_MS = 10_000;
/** So long another process may have the lock; then it is its turn to make them. */
const LOCK_WAIT_MS = 10_000;

/** ClickHouse's own numbers for a table or a database that is not there. */
const NOT_THERE: ReadonlySet<string> = new Set(['60', '81']);

/** Whether an insert failed because somebody has dropped its table, or the database. */
export function areTablesGone(error: unknown): boolean {
  return error instanceof ClickHouseError && NOT_THERE.has(error.code);
}

/** Makes tables that somebody has dropped under a running writer. */
export interface TableRemaker {
  /** Starts to make them, unless that was done a moment ago or is under way. */
  start(): void;
  /** Waits until nothing is under way any more. */
  close(): Promise<void>;
}

/**
 * @param now milliseconds of a clock that never goes back
 */
export function createTableRemaker(
  { database, cluster, ...server }: ClickHouseAddress,
  fsync: boolean,
  now: () => number = () => performance.now(),
): TableRemaker {
  let last = -Infinity;
  let underWay: Promise<unknown> | undefined;

  async function remake(): Promise<void> {
    // Without a database of its own: it may have to be made first.
    const client = createStoreClient(server);
    const lockTimes = { ...LOCK_TIMES, waitMs: LOCK_WAIT_MS };
    try {
      await migrate({ client, database, cluster: cluster?.name, fsync, lockTimes });
    } finally {
      await client.close();
    }
  }

  return {
    start() {
      if (underWay || now() - last < LEAST_INTERVAL_MS) return;
      last = now();
      // Where it fails so does the next batch, which is told and starts it again.
      underWay = remake()
        .catch(() => undefined)
        .finally(() => (underWay = undefined));
    },
    async close() {
      await underWay;
    },
  };
}
