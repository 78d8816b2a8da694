import { setTimeout as sleep } from 'node:timers/promises';
import type { ClickHouseClient } from '@clickhouse/client';
import type { Logger } from '@failtrace/contract/server';
import { MigrationError } from './migration-error.ts';
import { createdTables, migrations } from './migrations/index.ts';
import { qualified } from './table-statements.ts';

/** Receivers that start together, each against a server of its own, make its tables within this time. */
const OTHERS_MS = 60_000;
const POLL_MS = 500;

/** What ClickHouse says of each server that it has reached and that lacks a table. */
const MISSING = /There is no table \S+ on server: (\S+)/g;

/**
 * Waits until all servers of the cluster that can be reached have failtrace's tables: where no DDL queue
 * makes them, other receivers may be about to. A server that cannot be reached is told in the log and is
 * no reason not to start; until it is back, what belongs there is refused.
 *
 * @throws MigrationError `cluster_incomplete` names the servers without tables
 */
export async function awaitOtherServers({
  client,
  database,
  logger,
  waitMs = OTHERS_MS,
}: {
  client: ClickHouseClient;
  database: string;
  logger: Logger;
  waitMs?: number;
}): Promise<void> {
  const until = performance.now() + waitMs;
  for (;;) {
    const errors = await askAllShards(client, database);
    const missing = new Set(
      errors.flatMap(({ message }) => [...message.matchAll(MISSING)].map(([, server]) => server)),
    );
    if (missing.size === 0) {
      for (const err of errors.slice(0, 1)) {
        logger.warn(
          { err },
          'Not all shards of the cluster answer. What belongs there is refused until they do.',
        );
      }
      return;
    }
    if (performance.now() > until) throw incomplete(database, [...missing].join(', '));
    await sleep(POLL_MS);
  }
}

/** Why some of the tables cannot be read from all shards; nothing where they can. */
async function askAllShards(client: ClickHouseClient, database: string): Promise<Error[]> {
  const answers = await Promise.allSettled(
    createdTables(migrations).map(async ({ name }) => {
      const result = await client.query({
        // Counting rows reads none, and every shard is asked.
        query: `SELECT count() FROM ${qualified(database, name)}`,
        clickhouse_settings: { skip_unavailable_shards: 0, max_execution_time: 10 },
      });
      await result.text();
    }),
  );
  return answers.flatMap((answer) =>
    answer.status === 'rejected' && answer.reason instanceof Error ? [answer.reason] : [],
  );
}

function incomplete(database: string, servers: string): MigrationError {
  return new MigrationError(
    'cluster_incomplete',
    `The database ${database} has no tables of failtrace yet on ${servers}, and the cluster has no queue for DDL by which they could be made from here. Run failtrace-migrate, or start a receiver, once against each server of the cluster.`,
  );
}
