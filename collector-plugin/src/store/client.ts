import {
  ClickHouseLogLevel,
  createClient,
  type ClickHouseClient,
  type ClickHouseSettings,
} from '@clickhouse/client';
import type { ClickHouseAddress, ClickHouseCluster } from '@failtrace/contract/server';

/**
 * A client for writing, or for making the tables where no `database` is named.
 *
 * It logs nothing: what goes wrong is thrown, and told where it is known what it was for.
 */
export function createStoreClient({
  url,
  username,
  password,
  database,
  cluster,
}: Pick<ClickHouseAddress, 'url'> & Partial<ClickHouseAddress>): ClickHouseClient {
  return createClient({
    url,
    ...(username !== undefined && { username }),
    ...(password !== undefined && { password }),
    ...(database !== undefined && { database }),
    ...(cluster !== undefined && { clickhouse_settings: clusterInserts(cluster) }),
    application: 'failtrace-receiver',
    log: { level: ClickHouseLogLevel.OFF },
  });
}

/** Longer than any insert that goes well takes, and shorter than the store waits for one. */
const REPLICAS_MS = 10_000;

/** So that an insert is answered when every shard has its rows, and as many replicas as are asked for. */
function clusterInserts({ quorum }: ClickHouseCluster): ClickHouseSettings {
  return {
    distributed_foreground_insert: 1,
    insert_distributed_timeout: String(REPLICAS_MS / 1_000),
    insert_quorum: String(quorum),
    insert_quorum_timeout: REPLICAS_MS,
    // Several batches wait at once, of this receiver and of others.
    insert_quorum_parallel: 1,
  };
}
