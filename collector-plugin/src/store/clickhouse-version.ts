import type { ClickHouseClient } from '@clickhouse/client';
import { MigrationError } from './migration-error.ts';
import { readRows } from './read-rows.ts';

/** The oldest ClickHouse release that has everything the schema and the queries use: text indexes. */
export const MINIMUM_CLICKHOUSE_VERSION = '26.2';

/** A server that hangs is asked again after so many milliseconds. */
const ANSWER_MS = 5_000;

/** @throws MigrationError ClickHouse does not answer, or is older than `minimumVersion` (`major.minor`) */
export async function requireVersion(
  client: ClickHouseClient,
  minimumVersion: string,
): Promise<void> {
  let version: string;
  try {
    const query = 'SELECT version() AS v';
    const abort_signal = AbortSignal.timeout(ANSWER_MS);
    [{ v: version } = { v: '' }] = await readRows<{ v: string }>(client, { query, abort_signal });
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

/** Compares the leading numbers of two versions, `26.7.2.1` and `25.8`. */
function compareVersions(a: string, b: string): number {
  const [majorA = 0, minorA = 0] = a.split('.').map(Number);
  const [majorB = 0, minorB = 0] = b.split('.').map(Number);
  return majorA - majorB || minorA - minorB;
}
