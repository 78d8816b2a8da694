import { ClickHouseLogLevel, createClient } from '@clickhouse/client';
import type { ClickHouseClient } from '@clickhouse/client';
import type { ClickHouseAddress } from '@failtrace/contract/server';
import { createLargeReadsAgent } from './large-reads.ts';
import { clusterReads, oneServerReads } from './read/limits.ts';

/**
 * A download holds its connection for as long as it takes. With the client's default of ten, ten slow
 * ones would stop everybody else.
 */
const MOST_CONNECTIONS = 512;

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
    max_open_connections: MOST_CONNECTIONS,
    // Of TLS Node gives out 16 KiB at a time, however much is read.
    ...(isPlain(url) && { http_agent: createLargeReadsAgent(MOST_CONNECTIONS) }),
    // What goes wrong is thrown, and logged where it is known what it was for.
    log: { level: ClickHouseLogLevel.OFF },
  });
}

function isPlain(url: string): boolean {
  return new URL(url).protocol === 'http:';
}
