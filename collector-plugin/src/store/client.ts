import { ClickHouseLogLevel, createClient, type ClickHouseClient } from '@clickhouse/client';
import type { ClickHouseAddress } from '@failtrace/contract/server';

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
}: Pick<ClickHouseAddress, 'url'> & Partial<ClickHouseAddress>): ClickHouseClient {
  return createClient({
    url,
    ...(username !== undefined && { username }),
    ...(password !== undefined && { password }),
    ...(database !== undefined && { database }),
    application: 'failtrace-receiver',
    log: { level: ClickHouseLogLevel.OFF },
  });
}
