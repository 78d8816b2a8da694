import { ClickHouseError, type ClickHouseClient } from '@clickhouse/client';
import { CLUSTER_SETTING, SettingError } from '@failtrace/contract/server';
import { replicasByShard, type Cluster } from './cluster.ts';
import { quoteIdentifier } from './quote.ts';
import { createDatabase, replicatedEngine, type ClusterPlacement } from './table-statements.ts';

/** ClickHouse's own numbers for what a server is not configured for. */
const NO_DDL_QUEUE: ReadonlySet<string> = new Set(['139', '392']);
const NO_KEEPER = '225';

/**
 * Makes the database, and finds out how the cluster takes its tables. By trying: what a server has of
 * all that stands in no one place that every user may read.
 *
 * @throws SettingError where rows would be missing or stand there twice
 */
export async function placeInCluster(
  client: ClickHouseClient,
  database: string,
  cluster: Cluster,
): Promise<ClusterPlacement> {
  const { name } = cluster;
  // A DDL queue is kept in a Keeper.
  const queued = { cluster: name, onCluster: true, replicated: true };
  if (await succeeds(client, createDatabase(database, queued), NO_DDL_QUEUE)) {
    return checked(cluster, queued);
  }
  const direct = { ...queued, onCluster: false };
  await client.command({ query: createDatabase(database, direct) });
  const probe = `${quoteIdentifier(database)}.schema_probe`;
  const replicated = await succeeds(
    client,
    `CREATE TABLE IF NOT EXISTS ${probe} (a UInt8) ENGINE = ${replicatedEngine('MergeTree', name)} ORDER BY a`,
    new Set([NO_KEEPER]),
  );
  if (replicated) await client.command({ query: `DROP TABLE IF EXISTS ${probe} SYNC` });
  return checked(cluster, { ...direct, replicated });
}

function checked(cluster: Cluster, placement: ClusterPlacement): ClusterPlacement {
  const most = Math.max(...replicasByShard(cluster).values());
  if (most === 1) return placement;
  const refuse = (why: string) =>
    new SettingError(`${CLUSTER_SETTING}="${cluster.name}" does not do: ${why}`);
  if (!placement.replicated) {
    throw refuse(
      `it has shards with ${most} replicas, and the server knows no Keeper by which they could be the same. Configure one, or list one replica for each shard.`,
    );
  }
  if (cluster.replicas.some(({ internalReplication }) => !internalReplication)) {
    throw refuse(
      'its replicas copy from each other, and its configuration lacks internal_replication, so every row would stand there twice. Set internal_replication to true in remote_servers.',
    );
  }
  return placement;
}

/** Whether a statement could be done; `not` are the errors that say that it cannot be, here. */
async function succeeds(
  client: ClickHouseClient,
  query: string,
  not: ReadonlySet<string>,
): Promise<boolean> {
  try {
    await client.command({ query });
    return true;
  } catch (error) {
    if (error instanceof ClickHouseError && not.has(error.code)) return false;
    throw error;
  }
}
