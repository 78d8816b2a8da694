import { createHash } from 'node:crypto';
import path from 'node:path';
import {
  clusterGrants,
  clusterSystemTable,
  clusterXml,
  type ClusterMember,
} from './cluster-member.ts';

/** The two users of the embedded server. Neither can be anything but what its grants say. */
export const users = { writer: 'failtrace', reader: 'failtrace_reader' } as const;

/** What the server is to be like. */
export interface ServerOptions {
  /** Absolute; the server's data and configuration stand in it. */
  dataDirectory: string;
  /** Databases that the users may have, each a name or the beginning of names and a `*`. */
  databases: readonly string[];
  passwords: Readonly<Record<keyof typeof users, string>>;
  /** For tests alone: makes the server one of several. */
  clusterMember?: ClusterMember | undefined;
}

/** Where the data directory's entries are that failtrace makes itself. */
export const entries = {
  data: 'clickhouse',
  configuration: 'config',
  lock: 'lock',
} as const;

/** Half of the machine's memory: failtrace stands beside what it watches. */
const SERVER_MEMORY_RATIO = 0.5;
const QUERY_MEMORY_BYTES = 2 * 2 ** 30;

/** What migrating, storing and expiring need, in the databases of failtrace. */
const writerRights =
  'SHOW, SELECT, INSERT, ALTER TABLE, ALTER VIEW, CREATE DATABASE, CREATE TABLE, CREATE VIEW, DROP, TRUNCATE, OPTIMIZE, SYSTEM MERGES';
const readerRights = 'SHOW DATABASES, SHOW TABLES, SHOW COLUMNS, SELECT';

/** Engines that keep data here; those that reach files or other servers are not among them. */
const engines = [
  'MergeTree',
  'ReplacingMergeTree',
  'AggregatingMergeTree',
  'SummingMergeTree',
  'Null',
];

/** They show a user its own queries, and the tables that it may see. */
const systemTables = ['system.processes', 'system.merges', 'system.parts'];

/**
 * The files of the server's configuration, by name. They hold hashes of passwords, never a password;
 * the reading user's own stands beside them in {@link loginFile}, for the owner of the data.
 *
 * `default` is the user as which the library runs its command line. It cannot have a password, nor be
 * refused by network, or the start fails. So it gets one session: the command line's own, which
 * begins before the port is opened and lasts as long as the server. A second one is refused before it
 * may ask anything, and what it could ask is to listen. (Over the native protocol the library aborts
 * at such a refusal, which is why there is no native port.)
 *
 * @throws RangeError a database name that could end its quotes
 */
export function serverConfiguration(options: ServerOptions): Record<string, string> {
  const { dataDirectory, databases, passwords, clusterMember } = options;
  const wrong = databases.find((name) => !/^\w+\*?$/.test(name));
  if (wrong !== undefined) throw new RangeError(`not a database name: ${wrong}`);
  const directory = (name: string) => escapeXml(path.join(dataDirectory, name));
  const onDatabases = (rights: string) => databases.map((name) => `${rights} ON ${name}.*`);
  const server = `<clickhouse>
  <path>${directory(entries.data)}/</path>
  <users_config>${directory(entries.configuration)}/${usersFile}</users_config>
  <listen_host>127.0.0.1</listen_host>
  <!-- The kernel chooses while ClickHouse opens it, so there is no moment for anybody else. -->
  <http_port>${clusterMember?.httpPort ?? 0}</http_port>
  ${clusterMember ? clusterXml(clusterMember) : ''}
  <max_server_memory_usage_to_ram_ratio>${SERVER_MEMORY_RATIO}</max_server_memory_usage_to_ram_ratio>
  <access_control_improvements>
    <table_engines_require_grant>true</table_engines_require_grant>
    <select_from_system_db_requires_grant>true</select_from_system_db_requires_grant>
    <select_from_information_schema_requires_grant>true</select_from_information_schema_requires_grant>
  </access_control_improvements>
  <!-- Instead of all that ClickHouse serves: its pages, and queries of whoever names no user. -->
  <http_handlers>
    <rule>
      <url>/ping</url>
      <handler><type>ping</type></handler>
    </rule>
    <rule>
      <methods>POST</methods>
      <headers><authorization>regex:Basic .+</authorization></headers>
      <handler><type>dynamic_query_handler</type><query_param_name>query</query_param_name></handler>
    </rule>
  </http_handlers>
</clickhouse>
`;
  const clusterTables = clusterMember ? [`SELECT ON ${clusterSystemTable}`] : [];
  const memory = `<max_memory_usage>${QUERY_MEMORY_BYTES}</max_memory_usage>
      <constraints>
        <max_memory_usage><min>1</min><max>${QUERY_MEMORY_BYTES}</max></max_memory_usage>
        <!-- A table could else bring a disk of its own, on any web server. -->
        <merge_tree_disk><const/></merge_tree_disk>
        <merge_tree_storage_policy><const/></merge_tree_storage_policy>
      </constraints>`;
  const accounts = `<clickhouse>
  <profiles>
    <default/>
    <boot><max_sessions_for_user>1</max_sessions_for_user></boot>
    <writer>
      <!-- Else a loss of power may leave the definition of a table empty, and the server does not start. -->
      <fsync_metadata>1</fsync_metadata>
      ${memory}
    </writer>
    <reader>
      <readonly>2</readonly>
      ${memory}
    </reader>
  </profiles>
  <quotas><default/></quotas>
  <users>
    <default>
      <no_password/>
      <profile>boot</profile>
      ${access(['SYSTEM LISTEN ON *.*'])}
    </default>
    <${users.writer}>
      <password_sha256_hex>${sha256(passwords.writer)}</password_sha256_hex>
      <profile>writer</profile>
      ${access([
        ...onDatabases(writerRights),
        ...engines.map((engine) => `TABLE ENGINE ON ${engine}`),
        ...systemTables.map((table) => `SELECT ON ${table}`),
        ...(clusterMember ? clusterGrants : []),
        ...clusterTables,
      ])}
    </${users.writer}>
    <${users.reader}>
      <password_sha256_hex>${sha256(passwords.reader)}</password_sha256_hex>
      <profile>reader</profile>
      ${access([...onDatabases(readerRights), ...clusterTables])}
    </${users.reader}>
  </users>
</clickhouse>
`;
  return { [serverFile]: server, [usersFile]: accounts };
}

/** The file to start the server with, in the directory `entries.configuration`. */
export const serverFile = 'server.xml';
const usersFile = 'users.xml';

/** The file for `curl --config`, by which the owner of the data can look at it. */
export const loginFile = 'reader.curlrc';

/** What stands in {@link loginFile}: the reading user, with its password. */
export function loginConfiguration(url: string, password: string): string {
  return `url = "${url}/"\nuser = "${users.reader}:${password}"\n`;
}

function access(grants: readonly string[]): string {
  const queries = grants.map((grant) => `<query>GRANT ${grant}</query>`);
  return `<quota>default</quota>
      <networks><ip>127.0.0.1</ip></networks>
      <grants>
        ${queries.join('\n        ')}
      </grants>`;
}

function sha256(password: string): string {
  return createHash('sha256').update(password).digest('hex');
}

function escapeXml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
