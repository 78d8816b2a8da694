import { fsyncSettings } from './fsync.ts';
import type { SchemaStep } from './migrations/migration.ts';
import { quoteIdentifier, quoteText } from './quote.ts';
import type { TableDefinition } from './table-definition.ts';

/** Where tables are made: on the one server that is talked to, or in a cluster that it belongs to. */
export type Place = { cluster: null } | ClusterPlace;

/** How and where tables are made. */
export type Placement = Place & {
  /** Whether rows are on the disk itself when they are acknowledged. */
  fsync: boolean;
};

/** How a cluster takes its tables; found out by asking it (`cluster-placement.ts`). */
export interface ClusterPlace {
  cluster: string;
  /** It has a queue for DDL, so that one statement reaches all servers; else each is told by itself. */
  onCluster: boolean;
  /** It has a Keeper, so that tables can be replicated; else a shard has one replica. */
  replicated: boolean;
}

/** In a cluster the rows stand in a table of this name, and the plain name is that of all shards' rows. */
export function localName(table: string): string {
  return `${table}_local`;
}

/** The statements of a step, in order; each can be run again. */
export function statementsOf(step: SchemaStep, database: string, placement: Placement): string[] {
  if ('create' in step) return createTable(step.create, database, placement);
  const { alter, change, of } = step;
  const statement = (name: string) =>
    `ALTER TABLE ${qualified(database, name)}${onCluster(placement)} ${change}`;
  if (placement.cluster === null) return [statement(alter)];
  // First where the rows are: what the other names must already be there.
  const rows = statement(localName(alter));
  return of === 'rows' ? [rows] : [rows, statement(alter)];
}

/** Makes the database itself. */
export function createDatabase(database: string, place: Place): string {
  return `CREATE DATABASE IF NOT EXISTS ${quoteIdentifier(database)}${onCluster(place)}`;
}

/**
 * The engine with what names a replica to its Keeper. Not by the server's own `default_replica_path`:
 * that may hold `{uuid}`, and a replica that is added later would never find the others' rows.
 */
function replicatedEngine({ engine, version }: TableDefinition, cluster: string): string {
  const path = `/clickhouse/tables/${cluster}/{database}/{table}/{shard}`;
  const parameters = [quoteText(path), `'{replica}'`, ...(version ? [version] : [])];
  return `Replicated${engine}(${parameters.join(', ')})`;
}

function ownEngine({ engine, version }: TableDefinition): string {
  return version ? `${engine}(${version})` : engine;
}

function createTable(table: TableDefinition, database: string, placement: Placement): string[] {
  if (placement.cluster === null) return [rowsTable(table, table.name, database, placement)];
  const { name, columns, sharding } = table;
  const over = [placement.cluster, database, localName(name)].map(quoteText);
  return [
    rowsTable(table, localName(name), database, placement),
    `CREATE TABLE IF NOT EXISTS ${qualified(database, name)}${onCluster(placement)} (
${columns}
) ENGINE = Distributed(${[...over, ...(sharding === null ? [] : [sharding])].join(', ')})`,
  ];
}

function rowsTable(
  definition: TableDefinition,
  name: string,
  database: string,
  placement: Placement,
): string {
  const { columns, indices = [], ttl, settings } = definition;
  const isReplicated = placement.cluster !== null && placement.replicated;
  return `CREATE TABLE IF NOT EXISTS ${qualified(database, name)}${onCluster(placement)} (
${[columns, ...indices].join(',\n')}
) ENGINE = ${isReplicated ? replicatedEngine(definition, placement.cluster) : ownEngine(definition)}
${orderOf(definition)}
TTL ${ttl}
SETTINGS ${settings}, ${fsyncSettings(placement.fsync)}`;
}

function orderOf({ partitionBy, primaryKey, orderBy }: TableDefinition): string {
  return [
    ...(partitionBy === undefined ? [] : [`PARTITION BY ${partitionBy}`]),
    ...(primaryKey === undefined ? [] : [`PRIMARY KEY ${primaryKey}`]),
    `ORDER BY ${orderBy}`,
  ].join('\n');
}

/** A table with its database, quoted. */
export function qualified(database: string, table: string): string {
  return `${quoteIdentifier(database)}.${quoteIdentifier(table)}`;
}

function onCluster(place: Place): string {
  if (place.cluster === null || !place.onCluster) return '';
  return ` ON CLUSTER ${quoteIdentifier(place.cluster)}`;
}
