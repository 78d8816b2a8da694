import type { DecodedException, DecodedResource } from '../decoded.ts';
import type { Taken } from '../intake.ts';
import type { LeftOut } from '../limits.ts';

/**
 * What failtrace needs of an OTLP log record that tells of an exception. Strings stay the bytes that arrived,
 * as with spans.
 */
export interface DecodedLogRecord {
  /** The same object for all records of a resource. */
  resource: DecodedResource;
  /** Empty where the record belongs to no trace. */
  traceId: Buffer;
  spanId: Buffer;
  /** When it was seen by whoever collects, in nanoseconds since the Unix epoch; 0 where it does not say. */
  observedTime: bigint;
  /** 1 to 24, 0 for none. */
  severityNumber: number;
  severityText: Buffer;
  /** The body where that is a string (or a number or a bool), else empty. */
  body: Buffer;
  /** The value of the first run id attribute that the record itself carries. */
  runId: Buffer;
  /** By the record's attributes, and its own time. */
  exception: DecodedException;
}

/** The log records of a request that tell of an exception, and how many records there were in all. */
export interface DecodedLogs {
  recordCount: number;
  /** In the order of the body. */
  records: DecodedLogRecord[];
  /** The records at the end that a limit kept out; undefined when every one was looked at. */
  leftOut: LeftOut | undefined;
}

export function asDecodedLogs({ count, items, leftOut }: Taken<DecodedLogRecord>): DecodedLogs {
  return { recordCount: count, records: items, leftOut };
}
