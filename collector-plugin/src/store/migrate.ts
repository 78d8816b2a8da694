import type { ClickHouseClient } from '@clickhouse/client';
import { migrations as allMigrations } from './migrations/index.ts';
import type { Migration } from './migrations/migration.ts';
import { tables } from './schema.ts';

/** Why the schema cannot be made ready. */
export type MigrationErrorCode =
  'clickhouse_unreachable' | 'clickhouse_too_old' | 'schema_too_new' | 'migration_failed';

/** The schema is not ready; `message` is one line for a person and names what to do. */
export class MigrationError extends Error {
  override readonly name = 'MigrationError';
  readonly code: MigrationErrorCode;

  constructor(code: MigrationErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

export interface MigrateOptions {
  /** A client without a database of its own: the database may have to be made first. */
  client: ClickHouseClient;
  database: string;
  migrations?: readonly Migration[];
  /** The oldest ClickHouse that will do, as `major.minor`. */
  minimumVersion?: string;
}

/** The oldest ClickHouse release that has everything the schema and the queries use: text indexes. */
export const MINIMUM_CLICKHOUSE_VERSION = '26.2';

/**
 * Makes the database and its tables, or brings them up to date. Safe to run at every start, and by
 * several processes at once.
 *
 * @returns the names of the migrations that were applied now.
 * @throws MigrationError
 */
export async function migrate({
  client,
  database,
  migrations = allMigrations,
  minimumVersion = MINIMUM_CLICKHOUSE_VERSION,
}: MigrateOptions): Promise<string[]> {
  await requireVersion(client, minimumVersion);
  const quoted = quoteIdentifier(database);
  const run = (query: string) => client.command({ query });
  const at = (table: string) => `${quoted}.${table}`;
  try {
    await run(`CREATE DATABASE IF NOT EXISTS ${quoted}`);
    await run(`CREATE TABLE IF NOT EXISTS ${at(tables.migrations)} (
      version UInt32,
      name String,
      applied_at DateTime64(3, 'UTC') DEFAULT now64(3)
    ) ENGINE = ReplacingMergeTree ORDER BY version`);

    const applied = await appliedVersion(client, at(tables.migrations));
    const newest = migrations.at(-1)?.version ?? 0;
    if (applied > newest) {
      throw new MigrationError(
        'schema_too_new',
        `The database ${database} is at schema version ${applied}, and this failtrace knows ${newest}. Use a newer failtrace.`,
      );
    }
    const due = migrations.filter(({ version }) => version > applied);
    for (const { version, name, statements } of due) {
      for (const statement of statements(at)) await run(statement);
      await client.insert({
        table: at(tables.migrations),
        values: [{ version, name }],
        columns: ['version', 'name'],
        format: 'JSONEachRow',
      });
    }
    return due.map(({ name }) => name);
  } catch (cause) {
    if (cause instanceof MigrationError) throw cause;
    throw new MigrationError(
      'migration_failed',
      `The tables in the database ${database} could not be made: ${(cause as Error).message}`,
      { cause },
    );
  }
}

async function requireVersion(client: ClickHouseClient, minimumVersion: string): Promise<void> {
  let version: string;
  try {
    const result = await client.query({ query: 'SELECT version() AS v', format: 'JSONEachRow' });
    [{ v: version } = { v: '' }] = await result.json<{ v: string }>();
  } catch (cause) {
    throw new MigrationError(
      'clickhouse_unreachable',
      `ClickHouse does not answer: ${reason(cause)}. Check CLICKHOUSE_URL.`,
      { cause },
    );
  }
  if (compareVersions(version, minimumVersion) < 0) {
    throw new MigrationError(
      'clickhouse_too_old',
      `ClickHouse is version ${version}, and failtrace needs ${minimumVersion} or newer. Update ClickHouse.`,
    );
  }
}

/** A refused connection is an AggregateError without a message of its own. */
function reason(cause: unknown): string {
  const { message, code } = cause as NodeJS.ErrnoException;
  return (message || code || 'no reason given').split('\n')[0] ?? '';
}

async function appliedVersion(client: ClickHouseClient, table: string): Promise<number> {
  const result = await client.query({
    query: `SELECT max(version) AS version FROM ${table}`,
    format: 'JSONEachRow',
  });
  const [row] = await result.json<{ version: number }>();
  return row?.version ?? 0;
}

/** Compares the leading numbers of two versions, `26.7.2.1` and `25.8`. */
function compareVersions(a: string, b: string): number {
  const [majorA = 0, minorA = 0] = a.split('.').map(Number);
  const [majorB = 0, minorB = 0] = b.split('.').map(Number);
  return majorA - majorB || minorA - minorB;
}

function quoteIdentifier(name: string): string {
  return `\`${name.replaceAll('\\', '\\\\').replaceAll('`', '\\`')}\``;
}
