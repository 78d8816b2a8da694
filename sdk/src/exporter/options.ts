import { readReceiverSettings, type ReceiverSettings } from '@failtrace/collector-plugin';
import {
  createLogger,
  requireClickHouseAddress,
  SettingError,
  type ClickHouseAddress,
  type Logger,
} from '@failtrace/contract/server';

/**
 * Where failures are kept, and for how long. Each option says the same as the receiver's environment variable
 * that is named with it, and one that is not understood is told by that name.
 */
export interface FailureExporterOptions {
  /** `CLICKHOUSE_URL`: `http(s)://user:password@host:8123/database`. */
  clickhouseUrl: string | undefined;
  /** `FAILTRACE_CLICKHOUSE_CLUSTER`: a cluster of that server. */
  cluster?: string | undefined;
  /** `FAILTRACE_CLICKHOUSE_QUORUM`: `auto`, or a number of replicas. */
  quorum?: number | 'auto' | undefined;
  /** `FAILTRACE_RETENTION`, such as `30d`, which is the default. The same as the receiver's, where there is one. */
  retention?: string | undefined;
  /** `FAILTRACE_FSYNC`: true by default. */
  fsync?: boolean | undefined;
  /** `FAILTRACE_RUN_ID_ATTRIBUTES`, the preferred one first. */
  runIdAttributes?: readonly string[] | undefined;
  /**
   * How long what ClickHouse does not take is tried again, in milliseconds, 0 to 600,000; 20,000 by default: so
   * that a processor, which waits for 30 s, still learns what became of it.
   */
  retryForMs?: number | undefined;
  /** Told what was not stored; by default lines of JSON on standard error. */
  logger?: Logger | undefined;
}

/** The same, read. */
export interface ExporterSettings extends Pick<
  ReceiverSettings,
  'retentionMs' | 'fsync' | 'runIdAttributes'
> {
  clickhouse: ClickHouseAddress;
  retryForMs: number;
  logger: Logger;
}

const LONGEST_RETRY_MS = 600_000;

/** @throws SettingError names the setting and what is allowed */
export function readOptions(options: FailureExporterOptions): ExporterSettings {
  const { clickhouseUrl, cluster, quorum, retention, fsync, runIdAttributes } = options;
  const { retryForMs = 20_000, logger = createLogger('failtrace-sdk') } = options;
  if (!(retryForMs >= 0 && retryForMs <= LONGEST_RETRY_MS)) {
    throw new SettingError(
      `retryForMs=${retryForMs} is not understood. Allowed: 0 to ${LONGEST_RETRY_MS} milliseconds.`,
    );
  }
  const settings = readReceiverSettings({
    FAILTRACE_RETENTION: retention,
    FAILTRACE_FSYNC: fsync?.toString(),
    FAILTRACE_RUN_ID_ATTRIBUTES: runIdAttributes && listOf(runIdAttributes),
  });
  return {
    clickhouse: requireClickHouseAddress({
      CLICKHOUSE_URL: clickhouseUrl,
      FAILTRACE_CLICKHOUSE_CLUSTER: cluster,
      FAILTRACE_CLICKHOUSE_QUORUM: quorum?.toString(),
    }),
    retentionMs: settings.retentionMs,
    fsync: settings.fsync,
    runIdAttributes: settings.runIdAttributes,
    retryForMs,
    logger,
  };
}

/** As the setting has it; an empty list would count as not set, and a comma would make two of a name. */
function listOf(names: readonly string[]): string {
  return names.length === 0
    ? ','
    : names.map((name) => (name.includes(',') ? '' : name)).join(',') || ',';
}
