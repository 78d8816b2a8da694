import type { ClickHouseClient } from '@clickhouse/client';
import {
  CLUSTER_SETTING,
  QUORUM_SETTING,
  SettingError,
  type ClickHouseCluster,
} from '@failtrace/contract/server';
import { readRows } from './read-rows.ts';
import type { ShardSlots } from './shards.ts';

/** One server of a cluster, as `system.clusters` of the server that is talked to has it. */
interface Replica {
  shard: number;
  weight: number;
  host: string;
  port: number;
  /** Whether replicas of a shard copy from each other; else whoever writes must write to each. */
  internalReplication: boolean;
}

/** What a server knows of a cluster that it belongs to. */
export interface Cluster {
  name: string;
  replicas: readonly Replica[];
  slots: ShardSlots;
}

/**
 * Asks the server for a cluster.
 *
 * @throws SettingError the server knows no such cluster; names those that it knows
 */
export async function readCluster(client: ClickHouseClient, name: string): Promise<Cluster> {
  const known = await readRows<Replica & { cluster: string }>(client, {
    query: `SELECT cluster, shard_num AS shard, shard_weight AS weight, host_name AS host, port,
        toBool(internal_replication) AS internalReplication
      FROM system.clusters ORDER BY cluster, shard_num, replica_num`,
  });
  const replicas = known.filter(({ cluster }) => cluster === name);
  if (replicas.length > 0) return { name, replicas, slots: slotsOf(replicas) };
  const names = [...new Set(known.map(({ cluster }) => cluster))];
  const allowed =
    names.length > 0
      ? `one of those in its remote_servers: ${names.join(', ')}`
      : 'none, as its configuration has no remote_servers';
  throw new SettingError(
    `${CLUSTER_SETTING}="${name}" is no cluster that the ClickHouse server knows. Allowed: ${allowed}.`,
  );
}

/** The number of each shard, as often as it is its turn. */
function slotsOf(replicas: readonly Replica[]): ShardSlots {
  const weights = new Map(replicas.map(({ shard, weight }) => [shard, weight]));
  return [...weights].flatMap(([shard, weight]) => Array<number>(weight).fill(shard));
}

/** How many replicas each shard has. */
export function replicasByShard({ replicas }: Cluster): Map<number, number> {
  const counts = new Map<number, number>();
  for (const { shard } of replicas) counts.set(shard, (counts.get(shard) ?? 0) + 1);
  return counts;
}

/** @throws SettingError more replicas are asked for than a shard has, so that no insert could succeed */
export function requireQuorum(cluster: Cluster, quorum: ClickHouseCluster['quorum']): void {
  if (quorum === 'auto') return;
  const [fewest] = [...replicasByShard(cluster)].toSorted(([, a], [, b]) => a - b);
  if (!fewest) return;
  const [shard, replicas] = fewest;
  if (quorum <= Math.max(replicas, 1)) return;
  throw new SettingError(
    `${QUORUM_SETTING}="${quorum}" does not do: shard ${shard} of the cluster ${cluster.name} has ${replicas} replica${replicas === 1 ? '' : 's'}. Allowed: auto, or a number from 0 to ${replicas}.`,
  );
}
