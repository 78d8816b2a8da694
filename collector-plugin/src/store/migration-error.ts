import { ClickHouseError } from '@clickhouse/client';

/** Why the schema cannot be made ready. */
export type MigrationErrorCode =
  | 'clickhouse_unreachable'
  | 'clickhouse_too_old'
  | 'schema_too_new'
  | 'schema_elsewhere'
  | 'migration_failed'
  | 'migration_locked'
  | 'cluster_incomplete';

/** The schema is not ready; `message` is one line for a person and names what to do. */
export class MigrationError extends Error {
  override readonly name = 'MigrationError';
  readonly code: MigrationErrorCode;

  constructor(code: MigrationErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/** ClickHouse's own numbers for a login that it refuses; it will do so tomorrow. */
const REFUSED_LOGINS: ReadonlySet<string> = new Set(['192', '193', '194', '516']);

/**
 * Whether waiting may help: the server did not answer, or went away while its tables were made. What it
 * answered itself stays so, unless it was only asked for its version and may be about to start.
 */
export function isPassing(error: unknown): boolean {
  if (!(error instanceof MigrationError)) return false;
  const answered = error.cause instanceof ClickHouseError ? error.cause.code : undefined;
  if (error.code === 'clickhouse_unreachable') return !REFUSED_LOGINS.has(answered ?? '');
  return error.code === 'migration_failed' && answered === undefined;
}

/** The code of what is behind an error, for one line of a log; it names no server and repeats no query. */
export function reasonOf(error: unknown): string {
  const { cause } = error as { cause?: { code?: unknown; name?: unknown } };
  return [cause?.code, cause?.name].find((text) => typeof text === 'string') ?? 'no answer';
}
