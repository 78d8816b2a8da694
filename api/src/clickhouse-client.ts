import { ClickHouseLogLevel, createClient } from '@clickhouse/client';
import type { ClickHouseClient } from '@clickhouse/client';
import type { ClickHouseAddress } from '@failtrace/contract/server';
import { clusterReads, oneServerReads } from './read/limits.ts';

/** A client for reading. A ClickHouse user that may only read is enough, with `readonly` up to 2. */
export function createReadClient(address: ClickHouseAddress): ClickHouseClient {
  const { url, username, password, database, cluster } = address;
  return createClient({
    url,
    username,
    password,
    database,
    clickhouse_settings: cluster ? clusterReads : oneServerReads,
    application: 'failtrace-api',
    // A download holds its connection for as long as it takes. With the default of ten, ten
    // slow ones would stop everybody else.
    max_open_connections: 512,
    // What goes wrong is thrown, and logged where it is known what it was for.
    log: { level: ClickHouseLogLevel.OFF },
  });
}
