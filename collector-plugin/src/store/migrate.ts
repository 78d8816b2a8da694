import { ClickHouseError, type ClickHouseClient } from '@clickhouse/client';
import { SettingError } from '@failtrace/contract/server';
import { applyFsync, tablesToChange } from './apply-fsync.ts';
import { MINIMUM_CLICKHOUSE_VERSION, requireVersion } from './clickhouse-version.ts';
import { readCluster } from './cluster.ts';
import { placeInCluster } from './cluster-placement.ts';
import { fsyncSettings } from './fsync.ts';
import { MigrationError } from './migration-error.ts';
import { createdTables, migrations as allMigrations } from './migrations/index.ts';
import type { Migration } from './migrations/migration.ts';
import { quoteText } from './quote.ts';
import { readRows } from './read-rows.ts';
import { LOCK_TIMES, withSchemaLock, type LockTimes } from './schema-lock.ts';
import { tables } from './schema.ts';
import type { TableDefinition } from './table-definition.ts';
import {
  createDatabase,
  localName,
  qualified,
  statementsOf,
  type Place,
  type Placement,
} from './table-statements.ts';

export interface MigrateOptions {
  /** A client without a database of its own: the database may have to be made first. */
  client: ClickHouseClient;
  database: string;
  /** The cluster to make the tables in; by default the server stands alone. */
  cluster?: string | undefined;
  migrations?: readonly Migration[];
  /** The oldest ClickHouse that will do, as `major.minor`. */
  minimumVersion?: string;
  lockTimes?: LockTimes;
  /** Whether what is written is on the disk itself when it is acknowledged; by default it is. */
  fsync?: boolean;
}

/**
 * Makes the database and its tables, or brings them up to date. Safe to run at every start, and by any
 * number of processes at once: on one server one of them does it and the others wait; where several
 * servers of a cluster are told the same, what was done already is not done again.
 *
 * In a cluster that has a queue for DDL the tables are made on all servers, else on this one alone, and
 * it must be run against each.
 *
 * @returns the names of the migrations that were applied now.
 * @throws MigrationError, or SettingError for a cluster that does not do
 */
export async function migrate(options: MigrateOptions): Promise<string[]> {
  const { client, database, minimumVersion = MINIMUM_CLICKHOUSE_VERSION } = options;
  await requireVersion(client, minimumVersion);
  try {
    return await applyAll(options);
  } catch (cause) {
    if (cause instanceof MigrationError || cause instanceof SettingError) throw cause;
    throw new MigrationError(
      'migration_failed',
      `The tables in the database ${database} could not be made: ${(cause as Error).message}`,
      { cause },
    );
  }
}

async function applyAll({
  client,
  database,
  cluster: clusterName,
  migrations = allMigrations,
  lockTimes = LOCK_TIMES,
  fsync = true,
}: MigrateOptions): Promise<string[]> {
  const created = createdTables(migrations);
  const place = async (): Promise<Place> => {
    const [first] = created;
    return cluster && first
      ? placeInCluster(client, database, cluster, first, fsync)
      : { cluster: null };
  };
  const cluster = clusterName === undefined ? undefined : await readCluster(client, clusterName);
  await requireSamePlace(client, database, clusterName);
  const due = async () => {
    const applied = await appliedVersions(client, database, clusterName);
    const isWhole = await hasTables(client, database, tableNames(created, clusterName));
    // Each step can be done again: what is there stays as it is.
    return dueMigrations(migrations, isWhole ? applied : { ...applied, here: 0 });
  };
  const names = created.map(({ name }) => name);
  const fsyncOptions = { client, database, fsync, names, cluster: clusterName };
  const toChange = await tablesToChange(fsyncOptions);
  // Nothing but reading where nothing is due: a receiver's user need not be allowed more.
  if (toChange.length > 0) await applyFsync(fsyncOptions, toChange, await place());
  if ((await due()).length === 0) return [];

  await client.command({ query: createDatabase(database, { cluster: null }) });
  await client.command({ query: createMigrationsTable(database, fsync) });
  return withSchemaLock(
    { client, database, table: tables.lock, fsync },
    async () => {
      const migrationsDue = await due();
      const placement = { ...(await place()), fsync };
      for (const migration of migrationsDue) await apply(client, database, migration, placement);
      return migrationsDue.map(({ name }) => name);
    },
    lockTimes,
  );
}

async function apply(
  client: ClickHouseClient,
  database: string,
  { version, name, steps }: Migration,
  placement: Placement,
): Promise<void> {
  for (const query of steps.flatMap((step) => statementsOf(step, database, placement))) {
    await client.command({
      query,
      // So that ClickHouse says which server has not done it, before the client's own limit of 30 s.
      clickhouse_settings: { distributed_ddl_task_timeout: '20' },
    });
  }
  await client.insert({
    table: qualified(database, tables.migrations),
    values: [{ version, name }],
    columns: ['version', 'name'],
    format: 'JSONEachRow',
  });
}

/** On each server of a cluster, what was done by way of it; what was done twice was nothing then. */
function createMigrationsTable(database: string, fsync: boolean): string {
  return `CREATE TABLE IF NOT EXISTS ${qualified(database, tables.migrations)} (
    version UInt32,
    name String,
    applied_at DateTime64(3, 'UTC') DEFAULT now64(3)
  ) ENGINE = ReplacingMergeTree ORDER BY version SETTINGS ${fsyncSettings(fsync)}`;
}

/** ClickHouse's own numbers for a table or a database that is not there, here or on any server that answers. */
const NOT_THERE: ReadonlySet<string> = new Set(['60', '81', '279']);

/** The newest version by way of this server, and that by way of any server of the cluster. */
async function appliedVersions(
  client: ClickHouseClient,
  database: string,
  cluster: string | undefined,
): Promise<{ here: number; anywhere: number }> {
  const here = await newestVersion(client, qualified(database, tables.migrations));
  if (cluster === undefined) return { here, anywhere: here };
  const all = [cluster, database, tables.migrations].map(quoteText).join(', ');
  return { here, anywhere: await newestVersion(client, `clusterAllReplicas(${all})`) };
}

async function newestVersion(client: ClickHouseClient, source: string): Promise<number> {
  try {
    const [row] = await readRows<{ version: number }>(client, {
      query: `SELECT max(version) AS version FROM ${source}`,
      // A server that is away, or has no tables yet, says nothing.
      clickhouse_settings: { skip_unavailable_shards: 1, max_execution_time: 10 },
    });
    return row?.version ?? 0;
  } catch (error) {
    if (error instanceof ClickHouseError && NOT_THERE.has(error.code)) return 0;
    throw error;
  }
}

/** All names that the tables have on a server. */
function tableNames(created: readonly TableDefinition[], cluster: string | undefined): string[] {
  const names = created.map(({ name }) => name);
  return cluster === undefined ? names : [...names, ...names.map(localName)];
}

/** Whether all tables are there: somebody may have dropped one that a migration has made. */
async function hasTables(
  client: ClickHouseClient,
  database: string,
  names: readonly string[],
): Promise<boolean> {
  const found = await readRows<{ name: string }>(client, {
    query: `SELECT name FROM system.tables
      WHERE database = {database:String} AND name IN {names:Array(String)}`,
    query_params: { database, names },
  });
  return found.length === new Set(names).size;
}

/** @throws MigrationError `schema_too_new` */
function dueMigrations(
  migrations: readonly Migration[],
  { here, anywhere }: { here: number; anywhere: number },
): readonly Migration[] {
  const newest = migrations.at(-1)?.version ?? 0;
  if (anywhere > newest) {
    throw new MigrationError(
      'schema_too_new',
      `The database is at schema version ${anywhere}, and this failtrace knows ${newest}. Use a newer failtrace.`,
    );
  }
  return migrations.filter(({ version }) => version > here);
}

/**
 * Tables of one server are no tables of a cluster: `IF NOT EXISTS` would take the ones for the others, and
 * what is written would be on this server alone.
 *
 * @throws MigrationError `schema_elsewhere`
 */
async function requireSamePlace(
  client: ClickHouseClient,
  database: string,
  cluster: string | undefined,
): Promise<void> {
  const [found] = await readRows<{ distributed: number; cluster: string }>(client, {
    query: `SELECT engine = 'Distributed' AS distributed,
        extract(engine_full, '^Distributed\\\\(\\'([^\\']*)\\'') AS cluster
      FROM system.tables WHERE database = {database:String} AND name = {table:String}`,
    query_params: { database, table: tables.stackTexts },
  });
  if (!found) return;
  const of = found.distributed ? found.cluster : undefined;
  if (of === cluster) return;
  const where = (name: string | undefined) =>
    name === undefined ? 'one server alone' : `the cluster ${name}`;
  throw new MigrationError(
    'schema_elsewhere',
    `The tables in the database ${database} are those of ${where(of)}, and FAILTRACE_CLICKHOUSE_CLUSTER asks for ${where(cluster)}. Set it to ${of === undefined ? 'nothing' : `"${of}"`}, or name another database in CLICKHOUSE_URL.`,
  );
}
