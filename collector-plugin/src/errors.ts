/** What can go wrong between the socket and ClickHouse; stable, and the key of the status table. */
export type ReceiveErrorCode =
  | 'not_found'
  | 'method_not_allowed'
  | 'unauthenticated'
  | 'forbidden'
  | 'unsupported_media_type'
  | 'unsupported_content_encoding'
  | 'body_too_large'
  | 'body_too_slow'
  | 'malformed_body'
  | 'request_aborted'
  | 'overloaded'
  | 'worker_ended'
  | 'not_ready'
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

/** The body is longer than `FAILTRACE_MAX_BODY_BYTES`, packed or unpacked. */
export class BodyTooLargeError extends ReceiveError {
  override readonly name = 'BodyTooLargeError';

  constructor(maxBytes: number) {
    super(
      'body_too_large',
      `The body is longer than ${maxBytes} bytes, packed or unpacked. Send smaller batches, or raise FAILTRACE_MAX_BODY_BYTES.`,
    );
  }
}

/** ClickHouse did not take a batch; the sender may try again. */
export class StorageUnavailableError extends ReceiveError {
  override readonly name = 'StorageUnavailableError';

  constructor(message: string, options?: ErrorOptions) {
    super('storage_unavailable', message, options);
  }
}

/** More is held for requests under way than may be; the sender may try again. */
export class OverloadedError extends ReceiveError {
  override readonly name = 'OverloadedError';

  constructor(message: string) {
    super('overloaded', message);
  }
}
