/** Why there is no Collector to test with, or why it did not start. */
export class CollectorError extends Error {
  /** Stable: tells the cases apart without reading the message. */
  readonly code: 'collector_unavailable' | 'collector_build_failed' | 'collector_start_failed';

  constructor(code: CollectorError['code'], message: string) {
    super(message);
    this.name = 'CollectorError';
    this.code = code;
  }
}
