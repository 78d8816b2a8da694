import ms, { type StringValue } from 'ms';
import { z } from 'zod';
import { DEFAULT_RUN_ID_ATTRIBUTES } from './decode/attribute-names.ts';

/** A setting is not understood; `message` names the key, the value and what is allowed. */
export class SettingError extends Error {
  override readonly name = 'SettingError';
  readonly code = 'invalid_setting';
}

/** Environment variables, or a record of the same form. An empty value counts as not set. */
export type Env = Record<string, string | undefined>;

/** What the receiver and its store can be told. */
export interface ReceiverSettings {
  host: string;
  otlpPort: number;
  /** How long failures are kept, in milliseconds. */
  retentionMs: number;
  /** The attributes that may carry a run id, the preferred one first. */
  runIdAttributes: readonly string[];
  maxBodyBytes: number;
}

const SHORTEST_RETENTION_MS = 60_000;
const LONGEST_RETENTION_MS = ms('10y');

const host = z.string().regex(/^[\w.:[\]-]+$/);
const wholeNumber = z
  .string()
  .regex(/^\d{1,15}$/)
  .transform(Number);
const retention = z
  .string()
  .regex(/^\d{1,6}\s?[a-z]+$/i)
  .transform((text) => ms(text as StringValue))
  .pipe(z.number().min(SHORTEST_RETENTION_MS).max(LONGEST_RETENTION_MS));
const attributeList = z
  .string()
  .transform((list) => list.split(',').map((name) => name.trim()))
  .pipe(z.array(z.string().min(1).max(127)).min(1).max(20));

/**
 * Reads the receiver's settings.
 *
 * | key | default | allowed |
 * |---|---|---|
 * | `FAILTRACE_HOST` | `127.0.0.1` | a host name or an address |
 * | `FAILTRACE_OTLP_PORT` | `4318` | 0 to 65535 |
 * | `FAILTRACE_RETENTION` | `30d` | a number and a unit, `1m` to `10y` |
 * | `FAILTRACE_RUN_ID_ATTRIBUTES` | see {@link DEFAULT_RUN_ID_ATTRIBUTES} | names, separated by commas |
 * | `FAILTRACE_MAX_BODY_BYTES` | `20971520` | 1024 to 1073741824 |
 *
 * @throws SettingError
 */
export function readReceiverSettings(env: Env): ReceiverSettings {
  return {
    host: read(env, 'FAILTRACE_HOST', host, 'a host name or an address') ?? '127.0.0.1',
    otlpPort:
      read(
        env,
        'FAILTRACE_OTLP_PORT',
        wholeNumber.pipe(z.int().max(65_535)),
        'a port from 0 to 65535',
      ) ?? 4318,
    retentionMs:
      read(
        env,
        'FAILTRACE_RETENTION',
        retention,
        'a number and a unit from 1m to 10y, such as 12h or 30d',
      ) ?? ms('30d'),
    runIdAttributes:
      read(
        env,
        'FAILTRACE_RUN_ID_ATTRIBUTES',
        attributeList,
        '1 to 20 attribute names, separated by commas',
      ) ?? DEFAULT_RUN_ID_ATTRIBUTES,
    maxBodyBytes:
      read(
        env,
        'FAILTRACE_MAX_BODY_BYTES',
        wholeNumber.pipe(
          z
            .int()
            .min(1024)
            .max(2 ** 30),
        ),
        'bytes from 1024 to 1073741824',
      ) ?? 20 * 2 ** 20,
  };
}

/** Where the ClickHouse server is, in the client's own terms. */
export interface ClickHouseAddress {
  /** Without a path; with the credentials that the setting had. */
  url: string;
  database: string;
}

/**
 * Reads `CLICKHOUSE_URL`; its path names the database, `failtrace` where it has none.
 *
 * @returns undefined when it is not set.
 * @throws SettingError; the message has no password.
 */
export function readClickHouseAddress(env: Env): ClickHouseAddress | undefined {
  const value = env['CLICKHOUSE_URL'];
  if (!value) return undefined;
  const url = URL.parse(value);
  const database = url?.pathname.slice(1) || 'failtrace';
  if (!url || !['http:', 'https:'].includes(url.protocol) || !/^\w{1,100}$/.test(database)) {
    throw new SettingError(
      refusal(
        'CLICKHOUSE_URL',
        value.replace(/\/\/[^/]*@/, '//***@'),
        'http(s)://user:password@host:8123/database, the database in letters, digits and _',
      ),
    );
  }
  url.pathname = '';
  return { url: url.href, database };
}

function read<T>(
  env: Env,
  key: string,
  schema: z.ZodType<T, string>,
  allowed: string,
): T | undefined {
  const value = env[key];
  if (!value) return undefined;
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw new SettingError(refusal(key, value, allowed));
}

function refusal(key: string, value: string, allowed: string): string {
  return `${key}="${value}" is not understood. Allowed: ${allowed}.`;
}
