import { z } from 'zod';
import { readSetting, SettingError, settingForms, type Env, type SettingForm } from './settings.ts';

/** Where the ClickHouse server is. The credentials stand apart, so that the URL may be shown. */
export interface ClickHouseAddress {
  /** Scheme, host and port: `http://localhost:8123`. */
  url: string;
  username: string;
  password: string;
  database: string;
  /** The cluster that the server belongs to and that the tables are spread over; else it stands alone. */
  cluster?: ClickHouseCluster;
}

/** How the tables are spread over several servers. */
export interface ClickHouseCluster {
  /** As `remote_servers` in the server's own configuration names it. */
  name: string;
  /**
   * How many replicas of a shard must have a batch before it counts as stored: so many, `auto` for the
   * majority, or 0 for whichever took it.
   */
  quorum: number | 'auto';
}

const CLICKHOUSE_URL = 'CLICKHOUSE_URL';
/** The setting of the cluster's name. */
export const CLUSTER_SETTING = 'FAILTRACE_CLICKHOUSE_CLUSTER';
/** The setting of the cluster's quorum. */
export const QUORUM_SETTING = 'FAILTRACE_CLICKHOUSE_QUORUM';

const clusterName: SettingForm<string> = {
  schema: z.string().regex(/^[\w.-]{1,100}$/),
  allowed:
    "the name of a cluster in the server's remote_servers, 1 to 100 letters, digits, _, - and .",
};
const quorumForm: SettingForm<number | 'auto'> = {
  schema: z.union([z.literal('auto'), settingForms.wholeNumber(0, 100).schema]),
  allowed: 'auto (the majority of the replicas of a shard) or a whole number from 0 to 100',
};

/**
 * Reads `CLICKHOUSE_URL`, whose path names the database, `failtrace` where it has none; and
 * `FAILTRACE_CLICKHOUSE_CLUSTER` and `FAILTRACE_CLICKHOUSE_QUORUM` (`auto` by default).
 *
 * @returns undefined when `CLICKHOUSE_URL` is not set
 * @throws SettingError says what is wrong, and repeats nothing of the URL: it may hold a password
 *   in any place, where it was not escaped
 */
export function readClickHouseAddress(env: Env): ClickHouseAddress | undefined {
  const cluster = readCluster(env);
  const value = env[CLICKHOUSE_URL];
  if (value) return { ...parseUrl(value), ...(cluster && { cluster }) };
  if (!cluster) return undefined;
  throw new SettingError(
    `${CLUSTER_SETTING}="${cluster.name}" needs ${CLICKHOUSE_URL}, which is not set. Allowed: ${allowedUrl}.`,
  );
}

function readCluster(env: Env): ClickHouseCluster | undefined {
  const name = readSetting(env, CLUSTER_SETTING, clusterName);
  const quorum = readSetting(env, QUORUM_SETTING, quorumForm);
  if (name !== undefined) return { name, quorum: quorum ?? 'auto' };
  if (quorum === undefined) return undefined;
  throw new SettingError(
    `${QUORUM_SETTING}="${quorum}" is for a cluster. Allowed: with ${CLUSTER_SETTING} alone.`,
  );
}

function parseUrl(value: string): ClickHouseAddress {
  const url = URL.parse(value);
  if (!url || !['http:', 'https:'].includes(url.protocol) || !/^https?:\/\//i.test(value)) {
    throw refusedUrl('it is no http:// or https:// URL');
  }
  if (url.search !== '' || url.hash !== '') throw refusedUrl('it has a query or a fragment');
  const database = url.pathname.slice(1) || 'failtrace';
  if (!/^\w{1,100}$/.test(database)) throw refusedUrl('its path is no name of a database');
  return {
    url: url.origin,
    username: decoded(url.username) || 'default',
    password: decoded(url.password),
    database,
  };
}

/** The same, where nothing works without it. @throws SettingError also when it is not set */
export function requireClickHouseAddress(env: Env): ClickHouseAddress {
  const address = readClickHouseAddress(env);
  if (address) return address;
  throw new SettingError(`${CLICKHOUSE_URL} is not set. Allowed: ${allowedUrl}.`);
}

const allowedUrl =
  'http(s)://user:password@host:8123/database, the database in letters, digits and _, ' +
  'and %-escapes for other characters of user and password (%2F for /, %40 for @)';

function refusedUrl(why: string): SettingError {
  return new SettingError(
    `${CLICKHOUSE_URL} is not understood: ${why}. Its value is not shown, because it may hold a password. Allowed: ${allowedUrl}.`,
  );
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    throw refusedUrl('user or password have a % that is no %-escape');
  }
}
