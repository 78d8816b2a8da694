import { ClickHouseError, type ClickHouseClient } from '@clickhouse/client';
import { CLUSTER_SETTING, SettingError } from '@failtrace/contract/server';
import { replicasByShard, type Cluster } from './cluster.ts';
import { readRows } from './read-rows.ts';
import type { TableDefinition } from './table-definition.ts';
import { createDatabase, localName, statementsOf, type ClusterPlace } from './table-statements.ts';

/** ClickHouse's own numbers for what a server is not configured for. */
const NO_DDL_QUEUE: ReadonlySet<string> = new Set(['139', '392']);
const NO_KEEPER: ReadonlySet<string> = new Set(['225']);

/**
 * Makes the database, and finds out how the cluster takes its tables. By trying: what a server has of
 * all that stands in no one place that every user may read.
 *
 * @param first the table that is made first
 * @throws SettingError where rows would be missing or stand there twice
 */
export async function placeInCluster(
  client: ClickHouseClient,
  database: string,
  cluster: Cluster,
  first: TableDefinition,
  fsync: boolean,
): Promise<ClusterPlace> {
  const { name } = cluster;
  // A DDL queue is kept in a Keeper.
  const queued = { cluster: name, onCluster: true, replicated: true };
  if (await succeeds(client, createDatabase(database, queued), NO_DDL_QUEUE)) {
    return checked(cluster, queued);
  }
  const direct = { ...queued, onCluster: false };
  await client.command({ query: createDatabase(database, direct) });
  const replicated = await canReplicate(client, database, first, { ...direct, fsync });
  return checked(cluster, { ...direct, replicated });
}

/** As the table is, where there is one; else by making it, which is what comes next anyhow. */
async function canReplicate(
  client: ClickHouseClient,
  database: string,
  first: TableDefinition,
  placement: ClusterPlace & { fsync: boolean },
): Promise<boolean> {
  const [found] = await readRows<{ engine: string }>(client, {
    query: `SELECT engine FROM system.tables
      WHERE database = {database:String} AND name = {name:String}`,
    query_params: { database, name: localName(first.name) },
  });
  if (found) return found.engine.startsWith('Replicated');
  const [createRows = ''] = statementsOf({ create: first }, database, placement);
  return succeeds(client, createRows, NO_KEEPER);
}

function checked(cluster: Cluster, place: ClusterPlace): ClusterPlace {
  const most = Math.max(...replicasByShard(cluster).values());
  if (most === 1) return place;
  const refuse = (why: string) =>
    new SettingError(`${CLUSTER_SETTING}="${cluster.name}" does not do: ${why}`);
  if (!place.replicated) {
    throw refuse(
      `it has shards with ${most} replicas, and the server knows no Keeper by which they could be the same. Configure one, or list one replica for each shard.`,
    );
  }
  if (cluster.replicas.some(({ internalReplication }) => !internalReplication)) {
    throw refuse(
      'its replicas copy from each other, and its configuration lacks internal_replication, so every row would stand there twice. Set internal_replication to true in remote_servers.',
    );
  }
  return place;
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
