import { ClickHouseLogLevel, createClient } from '@clickhouse/client';
import type { ClickHouseClient } from '@clickhouse/client';
import { SettingError } from './errors.ts';

/**
 * A client for reading.
 *
 * @param url with credentials and the database in its path
 * @throws SettingError the client does not understand the URL
 */
export function createReadClient(url: string): ClickHouseClient {
  try {
    return createClient({
      url,
      application: 'failtrace-api',
      // A download holds its connection for as long as it takes. With the default of ten, ten
      // slow ones would stop everybody else.
      max_open_connections: 512,
      // What goes wrong is thrown, and logged where it is known what it was for.
      log: { level: ClickHouseLogLevel.OFF },
    });
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : 'it is not understood';
    throw new SettingError(
      `CLICKHOUSE_URL: ${why}. Allowed: http(s)://user:password@host:8123/database.`,
      { cause },
    );
  }
}
