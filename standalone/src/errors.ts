/** Why the standalone cannot start. `message` is one line for a person and names what to do. */
export type StartErrorCode =
  | 'invalid_arguments'
  | 'data_directory_in_use'
  | 'data_directory_unusable'
  | 'data_directory_unsafe'
  | 'embedded_clickhouse_missing'
  | 'embedded_clickhouse_failed';

/** Ends the start with one clear line and a non-zero exit code. */
export class StartError extends Error {
  override readonly name = 'StartError';
  readonly code: StartErrorCode;

  constructor(code: StartErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
