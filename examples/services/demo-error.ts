export type DemoErrorCode =
  'invalid_argument' | 'no_receiver' | 'log_not_writable' | 'service_ended' | 'export_failed';

/** Why the demo cannot go on; the message names what to do. */
export class DemoError extends Error {
  override readonly name = 'DemoError';
  readonly code: DemoErrorCode;

  constructor(code: DemoErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
