import { ClickHouseError, type ClickHouseClient } from '@clickhouse/client';
import { readRows } from '../store/read-rows.ts';
import { qualified } from '../store/table-statements.ts';
import { attached, createWay, storedRecords, viewsToStore, type View } from './attached-tables.ts';
import { recordsOfLogs, recordsOfTraces, type ExtractSqlOptions } from './records-sql.ts';

/** Which tables are attached to which. */
export interface AttachOptions extends ExtractSqlOptions {
  client: ClickHouseClient;
  /** The database of failtrace's own tables, which `migrate` has made. */
  database: string;
  /** The database of the Collector's exporter. */
  exporterDatabase: string;
  /** Its table of spans; `otel_traces` where it was told nothing else. */
  traces: string;
  /** Its table of log records; `otel_logs` where it was told nothing else. */
  logs: string;
  /** How long failures are kept, in milliseconds. */
  retentionMs: number;
}

/** The exporter's tables are not there, or not in the form that is known; `message` is for a person. */
export class AttachError extends Error {
  override readonly name = 'AttachError';
  readonly code = 'exporter_tables';
}

/** What of the exporter's is read: its SQL, and the table it stands in. */
export interface Source {
  view: string;
  table: string;
  select: (from: string) => string;
}

/** The columns that are read, by a part of their type. */
const needed = {
  traces: {
    Timestamp: 'DateTime64',
    TraceId: 'String',
    SpanAttributes: 'Map(',
    ResourceAttributes: 'Map(',
    'Events.Attributes': 'Array(Map(',
  },
  logs: {
    Timestamp: 'DateTime64',
    TraceId: 'String',
    LogAttributes: 'Map(',
    ResourceAttributes: 'Map(',
  },
} as const;

/**
 * Finds the exporter's tables. That of spans must be there, that of log records may be.
 *
 * @throws AttachError
 */
export async function sourcesOf(options: AttachOptions): Promise<Source[]> {
  const { exporterDatabase, traces, logs, retentionMs } = options;
  const [ofTraces, ofLogs] = [await columnsOf(options, traces), await columnsOf(options, logs)];
  if (ofTraces.size === 0) {
    throw new AttachError(
      `There is no table ${exporterDatabase}.${traces}. The Collector's exporter makes it when it starts; --database and --traces name another.`,
    );
  }
  requireColumns(ofTraces, needed.traces, `${exporterDatabase}.${traces}`);
  const sources: Source[] = [
    {
      view: attached.fromTraces,
      table: qualified(exporterDatabase, traces),
      select: (from) => storedRecords(recordsOfTraces(from, options), retentionMs),
    },
  ];
  if (ofLogs.size === 0) return sources;
  requireColumns(ofLogs, needed.logs, `${exporterDatabase}.${logs}`);
  const eventName = ofLogs.has('EventName') ? 'EventName' : undefined;
  return [
    ...sources,
    {
      view: attached.fromLogs,
      table: qualified(exporterDatabase, logs),
      select: (from) => storedRecords(recordsOfLogs(from, eventName, options), retentionMs),
    },
  ];
}

async function columnsOf(
  { client, exporterDatabase: database }: AttachOptions,
  table: string,
): Promise<ReadonlyMap<string, string>> {
  const rows = await readRows<{ name: string; type: string }>(client, {
    query: `SELECT name, type FROM system.columns WHERE database = {database:String} AND table = {table:String}`,
    query_params: { database, table },
  });
  return new Map(rows.map(({ name, type }) => [name, type]));
}

function requireColumns(
  columns: ReadonlyMap<string, string>,
  wanted: Readonly<Record<string, string>>,
  table: string,
): void {
  for (const [name, part] of Object.entries(wanted)) {
    const type = columns.get(name);
    if (type?.includes(part)) continue;
    throw new AttachError(
      `The table ${table} has ${type === undefined ? 'no column' : `another type (${type}) of`} ${name}. Known is the form of the exporter with attributes as maps, 0.161.`,
    );
  }
}

/**
 * Makes views over the exporter's tables, so that what is inserted there from now on is in failtrace's as well.
 * Done again it brings the views up to date, and misses nothing meanwhile.
 *
 * @throws AttachError
 */
export async function attach(options: AttachOptions): Promise<Source[]> {
  const { client, database } = options;
  const sources = await sourcesOf(options);
  await client.command({ query: createWay(database) });
  // What takes the rows first: none may come before.
  for (const view of viewsToStore(database)) await makeView(options, view);
  for (const { view, table, select } of sources) {
    await makeView(options, { name: view, to: attached.records, select: select(table) });
  }
  return sources;
}

async function makeView(
  { client, database }: AttachOptions,
  { name, to, select }: View,
): Promise<void> {
  const view = qualified(database, name);
  await client.command({
    query: `CREATE MATERIALIZED VIEW IF NOT EXISTS ${view} TO ${qualified(database, to)} AS ${select}`,
  });
  await client.command({ query: `ALTER TABLE ${view} MODIFY QUERY ${select}` });
}

/** ClickHouse's own number for a database that is not there. */
const NO_DATABASE = '81';

/** Takes the views away again; what they brought stays until it expires. Does nothing where there are none. */
export async function detach({
  client,
  database,
}: Pick<AttachOptions, 'client' | 'database'>): Promise<void> {
  const { records, toRecords, toKeys, toTexts, fromTraces, fromLogs } = attached;
  // Those first that an insert of the exporter's goes through.
  const views = [fromTraces, fromLogs, toRecords, toKeys, toTexts];
  const drops = [
    ...views.map((name) => ({ kind: 'VIEW', name })),
    { kind: 'TABLE', name: records },
  ];
  try {
    for (const { kind, name } of drops) {
      await client.command({
        query: `DROP ${kind} IF EXISTS ${qualified(database, name)} SYNC`,
      });
    }
  } catch (error) {
    if (!(error instanceof ClickHouseError && error.code === NO_DATABASE)) throw error;
  }
}
