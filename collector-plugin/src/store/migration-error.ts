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
