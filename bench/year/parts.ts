import type { ClickHouseClient } from '@clickhouse/client';

/** What ClickHouse keeps of a table. */
export interface TableParts {
  table: string;
  parts: number;
  rows: number;
  bytes: number;
}

/** The active parts of the tables of a database. */
export async function activeParts(
  client: ClickHouseClient,
  database: string,
): Promise<TableParts[]> {
  const result = await client.query({
    query: `SELECT table, count() AS parts, sum(rows) AS rows, sum(bytes_on_disk) AS bytes
      FROM system.parts WHERE active AND database = {database:String}
      GROUP BY table ORDER BY table`,
    query_params: { database },
    format: 'JSONEachRow',
  });
  const rows = await result.json<Record<'table' | 'parts' | 'rows' | 'bytes', string>>();
  return rows.map(({ table, parts, rows: count, bytes }) => ({
    table,
    parts: Number(parts),
    rows: Number(count),
    bytes: Number(bytes),
  }));
}

/** The same in words, for stderr. */
export async function tellParts(client: ClickHouseClient, database: string): Promise<void> {
  for (const { table, parts, rows, bytes } of await activeParts(client, database)) {
    console.error(
      `  ${database}.${table}: ${rows.toLocaleString('en')} rows in ${parts} parts, ${Math.round(bytes / 1e6)} MB`,
    );
  }
}

/**
 * Makes one part of each partition of a table but the newest. ClickHouse does that by itself an hour after
 * the last write to them, and filling takes minutes.
 */
export async function mergeClosedPartitions(
  client: ClickHouseClient,
  database: string,
  table: string,
): Promise<void> {
  const result = await client.query({
    query: `SELECT DISTINCT partition_id FROM system.parts
      WHERE active AND database = {database:String} AND table = {table:String}
      ORDER BY partition_id`,
    query_params: { database, table },
    format: 'JSONEachRow',
  });
  const partitions = await result.json<{ partition_id: string }>();
  for (const { partition_id: id } of partitions.slice(0, -1)) {
    await client.command({
      query: `OPTIMIZE TABLE ${database}.${table} PARTITION ID '${id}' FINAL`,
    });
  }
}

/** Keeps the parts of a database as they are. */
export async function stopMerges(client: ClickHouseClient, database: string): Promise<void> {
  for (const { table } of await activeParts(client, database)) {
    await client.command({ query: `SYSTEM STOP MERGES ${database}.${table}` });
  }
}

/** Tells which indexes a query uses, and how many parts and granules are left of how many. */
export async function tellPlan(
  client: ClickHouseClient,
  name: string,
  query: string,
  params: Record<string, unknown>,
): Promise<void> {
  const result = await client.query({
    query: `EXPLAIN indexes = 1 ${query}`,
    query_params: params,
    format: 'TabSeparatedRaw',
  });
  const lines = (await result.text()).split('\n').map((line) => line.trim());
  const facts = lines.filter((line) =>
    /^(ReadFrom|PrimaryKey|Partition|MinMax|Skip|Name:|Parts:|Granules:)/.test(line),
  );
  console.error(`  ${name}: ${facts.join(', ')}`);
}
