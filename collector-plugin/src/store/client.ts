import { ClickHouseLogLevel, createClient, type ClickHouseClient } from '@clickhouse/client';
import type { ClickHouseAddress } from '../settings.ts';

/**
 * A client for writing, or for making the tables where no `database` is named.
 *
 * It logs nothing: what goes wrong is thrown, and told where it is known what it was for.
 */
export function createStoreClient({
  url,
  database,
}: Pick<ClickHouseAddress, 'url'> & Partial<ClickHouseAddress>): ClickHouseClient {
  return createClient({
    url,
    ...(database !== undefined && { database }),
    application: 'failtrace-receiver',
    log: { level: ClickHouseLogLevel.OFF },
  });
}
