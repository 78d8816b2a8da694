import type { ClickHouseClient, ClickHouseSettings } from '@clickhouse/client';

/** A query for a few rows about the server and its tables. */
export interface RowsQuery {
  /** Without a `FORMAT`. */
  query: string;
  query_params?: Record<string, unknown>;
  clickhouse_settings?: ClickHouseSettings;
  abort_signal?: AbortSignal;
}

/**
 * Runs a query and gives back all of its rows. The answer is one JSON document, which says itself whether it is
 * whole: one that was cut off must not look like a table that has no rows.
 *
 * @throws whatever the client throws; SyntaxError for half an answer
 */
export async function readRows<Row>(client: ClickHouseClient, query: RowsQuery): Promise<Row[]> {
  const result = await client.query({ ...query, format: 'JSON' });
  return (await result.json<Row>()).data;
}
