import type { ClickHouseClient } from '@clickhouse/client';
import { fsyncSettings, hasFsyncSettings } from './fsync.ts';
import { readRows } from './read-rows.ts';
import { tables } from './schema.ts';
import { localName, statementsOf, type Place } from './table-statements.ts';

/** Tables that each server has for itself, also in a cluster. */
const OWN_TABLES: readonly string[] = [tables.migrations, tables.lock];

/** Which tables are to be made as the setting says. */
export interface FsyncOptions {
  client: ClickHouseClient;
  database: string;
  fsync: boolean;
  /** The tables with rows, by their plain names. */
  names: readonly string[];
  cluster: string | undefined;
}

/**
 * The tables on this server that are not as `fsync` says, by their plain names: those that were made when it
 * said something else.
 */
export async function tablesToChange(options: FsyncOptions): Promise<string[]> {
  const { client, database, fsync, names, cluster } = options;
  const plainNames = new Map([
    ...OWN_TABLES.map((name) => [name, name] as const),
    ...names.map((name) => [cluster === undefined ? name : localName(name), name] as const),
  ]);
  const found = await readRows<{ name: string; definition: string }>(client, {
    query: `SELECT name, engine_full AS definition FROM system.tables
      WHERE database = {database:String} AND name IN {names:Array(String)}`,
    query_params: { database, names: [...plainNames.keys()] },
  });
  return found
    .filter(({ definition }) => !hasFsyncSettings(definition, fsync))
    .map(({ name }) => plainNames.get(name) ?? name);
}

/** Changes tables that exist, so that the setting holds for what is already there. */
export async function applyFsync(
  { client, database, fsync }: FsyncOptions,
  toChange: readonly string[],
  place: Place,
): Promise<void> {
  for (const alter of toChange) {
    const step = { alter, change: `MODIFY SETTING ${fsyncSettings(fsync)}`, of: 'rows' } as const;
    const where: Place = OWN_TABLES.includes(alter) ? { cluster: null } : place;
    for (const query of statementsOf(step, database, { ...where, fsync })) {
      await client.command({ query });
    }
  }
}
