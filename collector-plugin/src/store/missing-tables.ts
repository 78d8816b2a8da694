import type { ClickHouseClient } from '@clickhouse/client';
import { readRows } from './read-rows.ts';
import { tables } from './schema.ts';

const needed: readonly string[] = [tables.runRecords, tables.recordKeys, tables.stackTexts];

/** Which of the tables that are written to the client's database does not have. @throws as the client does */
export async function missingTables(
  client: ClickHouseClient,
  signal: AbortSignal,
): Promise<string[]> {
  const rows = await readRows<{ name: string }>(client, {
    query: `SELECT name FROM system.tables
      WHERE database = currentDatabase() AND name IN {needed:Array(String)}`,
    query_params: { needed },
    abort_signal: signal,
  });
  const found = new Set(rows.map(({ name }) => name));
  return needed.filter((name) => !found.has(name));
}
