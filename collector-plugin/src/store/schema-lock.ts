import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { ClickHouseError, type ClickHouseClient } from '@clickhouse/client';
import { fsyncSettings } from './fsync.ts';
import { MigrationError } from './migration-error.ts';
import { quoteIdentifier } from './quote.ts';
import { readRows } from './read-rows.ts';

/** Where a lock is. */
export interface SchemaLock {
  client: ClickHouseClient;
  database: string;
  /** The table that is the lock; made where it is not there. */
  table: string;
  /** Whether its state is on the disk itself when it changes. */
  fsync: boolean;
}

/** Times of a {@link withSchemaLock}, in milliseconds. */
export interface LockTimes {
  /** Who has not been heard of for so long has ended, and the lock is taken over. */
  leaseMs: number;
  /** How often the holder is heard of. */
  renewMs: number;
  /** How often those look who wait. */
  pollMs: number;
  /** How long they wait while the holder lives. */
  waitMs: number;
}

export const LOCK_TIMES: LockTimes = {
  leaseMs: 10_000,
  renewMs: 2_500,
  pollMs: 200,
  waitMs: 600_000,
};

/** ClickHouse's own number for a column that is not there. */
const NO_SUCH_COLUMN = '10';
const FREE = 'free';

/**
 * Does something that only one of several processes may do at a time on this server. Who comes second
 * waits; one that was killed blocks the others for `leaseMs`.
 *
 * ClickHouse has no locks to take. But it changes a table for one at a time, and refuses to rename a
 * column that is not there: so the name of the one column of a small table says who has the lock, and
 * renaming it from what was seen is a compare-and-swap. When it was changed last, by the server's own
 * clock, says whether its holder lives.
 *
 * Who is stopped for longer than the lease and goes on then is not alone: what is done must be safe to
 * do twice.
 *
 * @throws MigrationError `migration_locked` after `waitMs`
 */
export async function withSchemaLock<T>(
  { client, database, table, fsync }: SchemaLock,
  work: () => Promise<T>,
  times: LockTimes = LOCK_TIMES,
): Promise<T> {
  const name = `${quoteIdentifier(database)}.${quoteIdentifier(table)}`;
  const own = `held_by_${randomBytes(8).toString('hex')}`;
  await client.command({
    query: `CREATE TABLE IF NOT EXISTS ${name} (${FREE} UInt8) ENGINE = MergeTree ORDER BY tuple() SETTINGS ${fsyncSettings(fsync)}`,
  });

  /** Whether the column was there, which is whether it is this process's turn. */
  async function alter(change: string): Promise<boolean> {
    try {
      await client.command({ query: `ALTER TABLE ${name} ${change}` });
      return true;
    } catch (error) {
      if (error instanceof ClickHouseError && error.code === NO_SUCH_COLUMN) return false;
      throw error;
    }
  }

  async function look(): Promise<{ holder: string; idleMs: number }> {
    const [seen] = await readRows<{ holder: string; idleMs: string | number }>(client, {
      query: `SELECT
          (SELECT name FROM system.columns WHERE database = {database:String} AND table = {table:String}) AS holder,
          1000 * dateDiff('second', metadata_modification_time, now()) AS idleMs
        FROM system.tables WHERE database = {database:String} AND name = {table:String}`,
      query_params: { database, table },
    });
    return { holder: seen?.holder ?? '', idleMs: Number(seen?.idleMs ?? 0) };
  }

  const until = performance.now() + times.waitMs;
  for (;;) {
    const { holder, idleMs } = await look();
    const canBeHad = holder === FREE || idleMs > times.leaseMs;
    if (canBeHad && (await alter(`RENAME COLUMN ${quoteIdentifier(holder)} TO ${own}`))) break;
    if (performance.now() > until) throw locked(database, table, times.waitMs);
    await sleep(times.pollMs);
  }

  const renewal = setInterval(() => {
    // Where it fails the lease runs out, and the next one goes on.
    alter(`COMMENT COLUMN ${own} ''`).catch(() => undefined);
  }, times.renewMs);
  try {
    return await work();
  } finally {
    clearInterval(renewal);
    // Where it fails the lease runs out, as above.
    await alter(`RENAME COLUMN ${own} TO ${FREE}`).catch(() => undefined);
  }
}

function locked(database: string, table: string, waitMs: number): MigrationError {
  return new MigrationError(
    'migration_locked',
    `Another failtrace is changing the tables of the database ${database}, and has not ended in ${waitMs / 60_000} minutes. Look for what it waits for in system.processes, or end it and drop the table ${table}.`,
  );
}
