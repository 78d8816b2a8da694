/** What can go wrong between the socket and ClickHouse; stable, and the key of the status table. */
export type ReceiveErrorCode =
  | 'not_found'
  | 'method_not_allowed'
  | 'unsupported_media_type'
  | 'unsupported_content_encoding'
  | 'body_too_large'
  | 'malformed_body'
  | 'request_aborted'
  | 'overloaded'
  | 'storage_unavailable';

/** An error with a stable `code` and a message that a sender may read. */
export class ReceiveError extends Error {
  override readonly name: string = 'ReceiveError';
  readonly code: ReceiveErrorCode;

  constructor(code: ReceiveErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/** The body cannot be decoded; sending it again cannot help. */
export class MalformedBodyError extends ReceiveError {
  override readonly name = 'MalformedBodyError';

  constructor(message: string, options?: ErrorOptions) {
    super('malformed_body', message, options);
  }
}

/** ClickHouse did not take a batch; the sender may try again. */
export class StorageUnavailableError extends ReceiveError {
  override readonly name = 'StorageUnavailableError';

  constructor(message: string, options?: ErrorOptions) {
    super('storage_unavailable', message, options);
  }
}

/** More is waiting for ClickHouse than may be held in memory; the sender may try again. */
export class OverloadedError extends ReceiveError {
  override readonly name = 'OverloadedError';

  constructor(message: string) {
    super('overloaded', message);
  }
}
