import { availableParallelism } from 'node:os';
import {
  isLoopbackHost,
  parseKeys,
  readFileSetting,
  readHost,
  readSetting,
  SettingError,
  settingForms,
  type Env,
  type SettingForm,
} from '@failtrace/contract/server';
import ms, { type StringValue } from 'ms';
import { z } from 'zod';
import { DEFAULT_RUN_ID_ATTRIBUTES } from './decode/attribute-names.ts';
import type { OtlpAuth, OtlpKey } from './transport/admission.ts';
import { MAX_BUDGET_BYTES } from './worker/buffer-budget.ts';

/** What the receiver and its store can be told. */
export interface ReceiverSettings {
  host: string;
  otlpPort: number;
  /** The port of OTLP/gRPC; undefined where that is switched off. */
  otlpGrpcPort: number | undefined;
  /** Who may send. */
  auth: OtlpAuth;
  /** How long failures are kept, in milliseconds. */
  retentionMs: number;
  /** The attributes that may carry a run id, the preferred one first. */
  runIdAttributes: readonly string[];
  /** No body may be longer, in bytes, packed or unpacked. */
  maxBodyBytes: number;
  /** What the bodies of all requests under way may hold together, in bytes, packed and unpacked. */
  maxBufferedBytes: number;
  /** Whether what is acknowledged is on the disk itself, so that it outlasts a loss of power. */
  fsync: boolean;
  /** How long a start waits for ClickHouse, in milliseconds. */
  startTimeoutMs: number;
  /** How many threads unpack, decode and store bodies. */
  workers: number;
}

const LONGEST_START_MS = 3_600_000;
const MOST_WORKERS = 64;
const SHORTEST_RETENTION_MS = 60_000;
const LONGEST_RETENTION_MS = ms('10y');
const MEBIBYTE = 2 ** 20;
/** So that the largest budget has room for the longest body, packed and unpacked, and its overhead. */
const MAX_BODY_BYTES = (MAX_BUDGET_BYTES - MEBIBYTE) / 2;

const retention: SettingForm<number> = {
  schema: z
    .string()
    .regex(/^\d{1,6}\s?[a-z]+$/i)
    .transform((text) => ms(text as StringValue))
    .pipe(z.number().min(SHORTEST_RETENTION_MS).max(LONGEST_RETENTION_MS)),
  allowed: 'a number and a unit from 1m to 10y, such as 12h or 30d',
};
const startTimeout: SettingForm<number> = {
  schema: z
    .string()
    .regex(/^\d{1,6}\s?[a-z]+$/i)
    .transform((text) => ms(text as StringValue))
    .pipe(z.number().min(0).max(LONGEST_START_MS)),
  allowed: 'a number and a unit from 0s to 1h, such as 60s',
};
const attributeList: SettingForm<string[]> = {
  schema: z
    .string()
    .transform((list) => list.split(',').map((name) => name.trim()))
    .pipe(z.array(z.string().min(1).max(127)).min(1).max(20)),
  allowed: '1 to 20 attribute names, separated by commas',
};
const trueOrFalse: SettingForm<boolean> = {
  schema: z.enum(['true', 'false']).transform((text) => text === 'true'),
  allowed: 'true or false',
};
const grpcPort: SettingForm<number | 'off'> = {
  schema: z.union([z.literal('off'), settingForms.port.schema]),
  allowed: `${settingForms.port.allowed}, or off`,
};
const authMode: SettingForm<OtlpAuth['mode']> = {
  schema: z.enum(['none', 'api-key', 'network']),
  allowed:
    'none (on a loopback FAILTRACE_HOST only), api-key (with FAILTRACE_OTLP_KEYS_FILE) or network (whoever reaches the port may send)',
};

/**
 * Reads the receiver's settings.
 *
 * | key | default | allowed |
 * |---|---|---|
 * | `FAILTRACE_HOST` | `127.0.0.1` | a host name or an address |
 * | `FAILTRACE_OTLP_PORT` | `4318` | 0 to 65535 |
 * | `FAILTRACE_OTLP_GRPC_PORT` | one below the former, so `4317` | 0 to 65535; `off`, or empty, for none |
 * | `FAILTRACE_OTLP_AUTH` | `api-key` with a file of keys, else `none` | see {@link OtlpAuth} |
 * | `FAILTRACE_OTLP_KEYS_FILE` | | a path; needed for `api-key` |
 * | `FAILTRACE_RETENTION` | `30d` | a number and a unit, `1m` to `10y` |
 * | `FAILTRACE_RUN_ID_ATTRIBUTES` | see {@link DEFAULT_RUN_ID_ATTRIBUTES} | names, separated by commas |
 * | `FAILTRACE_MAX_BODY_BYTES` | `20971520` | 1024 to 1073217536 |
 * | `FAILTRACE_MAX_BUFFERED_BYTES` | `268435456` | twice the former and 1 MiB, to 2147483648 |
 * | `FAILTRACE_FSYNC` | `true` | `true` or `false`; see {@link readFsync} |
 * | `FAILTRACE_START_TIMEOUT` | `60s` | a number and a unit, `0s` to `1h` |
 * | `FAILTRACE_RECEIVER_WORKERS` | one for each core but the first | 1 to 64 |
 *
 * @param cores how many the machine has for this process
 * @throws SettingError names the key, the value and what is allowed
 */
export function readReceiverSettings(
  env: Env,
  cores: number = availableParallelism(),
): ReceiverSettings {
  const host = readHost(env);
  const bodyBytes = settingForms.wholeNumber(1024, MAX_BODY_BYTES);
  const maxBodyBytes = readSetting(env, 'FAILTRACE_MAX_BODY_BYTES', bodyBytes) ?? 20 * MEBIBYTE;
  const otlpPort = readSetting(env, 'FAILTRACE_OTLP_PORT', settingForms.port) ?? 4318;
  return {
    host,
    otlpPort,
    otlpGrpcPort: readGrpcPort(env, otlpPort),
    auth: readAuth(env, host),
    retentionMs: readSetting(env, 'FAILTRACE_RETENTION', retention) ?? ms('30d'),
    runIdAttributes:
      readSetting(env, 'FAILTRACE_RUN_ID_ATTRIBUTES', attributeList) ?? DEFAULT_RUN_ID_ATTRIBUTES,
    maxBodyBytes,
    maxBufferedBytes: readMaxBufferedBytes(env, maxBodyBytes),
    fsync: readFsync(env),
    startTimeoutMs: readSetting(env, 'FAILTRACE_START_TIMEOUT', startTimeout) ?? 60_000,
    workers:
      readSetting(env, 'FAILTRACE_RECEIVER_WORKERS', settingForms.wholeNumber(1, MOST_WORKERS)) ??
      Math.min(MOST_WORKERS, Math.max(1, cores - 1)),
  };
}

/**
 * Reads `FAILTRACE_FSYNC`: whether ClickHouse waits for the disk before it takes rows for stored, `true` by
 * default. `false` is for those who would lose nothing with one server's power, as its rows have replicas.
 * The tables are made so, and changed where they are not.
 *
 * @throws SettingError
 */
export function readFsync(env: Env): boolean {
  return readSetting(env, 'FAILTRACE_FSYNC', trueOrFalse) ?? true;
}

/**
 * Beside the port of HTTP, as OpenTelemetry has 4317 beside 4318: so whoever moves the one, as for a Collector on the
 * same machine, has moved the other.
 */
function readGrpcPort(env: Env, otlpPort: number): number | undefined {
  const key = 'FAILTRACE_OTLP_GRPC_PORT';
  if (env[key] === '') return undefined;
  const port = readSetting(env, key, grpcPort) ?? Math.max(0, otlpPort - 1);
  return port === 'off' ? undefined : port;
}

/** One body must always find room, packed and unpacked, or its sender would try again for ever. */
function readMaxBufferedBytes(env: Env, maxBodyBytes: number): number {
  const key = 'FAILTRACE_MAX_BUFFERED_BYTES';
  const least = 2 * maxBodyBytes + MEBIBYTE;
  const form = settingForms.wholeNumber(least, MAX_BUDGET_BYTES);
  return readSetting(env, key, form) ?? Math.max(least, 256 * MEBIBYTE);
}

function readAuth(env: Env, host: string): OtlpAuth {
  const key = 'FAILTRACE_OTLP_AUTH';
  const keys = readKeys(env);
  const mode = readSetting(env, key, authMode) ?? (keys ? 'api-key' : 'none');
  const refuse = (why: string) =>
    new SettingError(`${key}="${mode}" ${why} Allowed: ${authMode.allowed}.`);
  if (mode === 'api-key') {
    if (keys) return { mode, keys };
    throw refuse('needs FAILTRACE_OTLP_KEYS_FILE, which is not set.');
  }
  if (keys) throw refuse('leaves the keys of FAILTRACE_OTLP_KEYS_FILE unused.');
  if (mode === 'none' && !isLoopbackHost(host)) {
    throw refuse(`does not do: FAILTRACE_HOST="${host}" can be reached from elsewhere.`);
  }
  return { mode };
}

function readKeys(env: Env): OtlpKey[] | undefined {
  const setting = 'FAILTRACE_OTLP_KEYS_FILE';
  const text = readFileSetting(env, setting);
  if (text === undefined) return undefined;
  return parseKeys(text, {
    setting,
    shape: { namespace: z.string().min(1).max(255).optional() },
    allowed: '{"keys": [{"name", "sha256", "namespace" (optional)}]}',
  });
}
