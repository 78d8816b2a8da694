import type protobuf from 'protobufjs';
import type { DecodedLogRecord, DecodedLogs } from '../src/decode/logs/decoded-logs.ts';
import {
  anyText,
  asException,
  asResource,
  present,
  runIdOf,
  textOf,
  type AnyValue,
  type Attributed,
} from './full-decode.ts';

interface Numeric {
  toString(): string;
}
interface LogRecord extends Attributed {
  time_unix_nano?: Numeric;
  observed_time_unix_nano?: Numeric;
  severity_number?: number;
  severity_text?: Buffer;
  body?: AnyValue | null;
  dropped_attributes_count?: number;
  trace_id?: Buffer;
  span_id?: Buffer;
  event_name?: Buffer;
}
interface Request {
  resource_logs?: { resource?: Attributed | null; scope_logs?: { log_records?: LogRecord[] }[] }[];
}

/** The simple way to the same result as the scanner of log records: the measure of it, as `fullDecode` is of spans. */
export function fullDecodeLogs(
  request: protobuf.Type,
  body: Buffer,
  runIdNames: readonly string[],
): DecodedLogs {
  const decoded = request.decode(body) as unknown as Request;
  const logs: DecodedLogs = { recordCount: 0, records: [], leftOut: undefined };
  for (const { resource: sent, scope_logs = [] } of decoded.resource_logs ?? []) {
    const resource = asResource(sent ?? {}, runIdNames);
    for (const { log_records = [] } of scope_logs) {
      for (const record of log_records) {
        logs.recordCount += 1;
        const result: DecodedLogRecord = {
          resource,
          traceId: present(record.trace_id),
          spanId: present(record.span_id),
          observedTime: BigInt(String(record.observed_time_unix_nano ?? 0)),
          severityNumber: record.severity_number ?? 0,
          severityText: present(record.severity_text),
          body: anyText(record.body ?? undefined),
          runId: runIdOf(record, runIdNames),
          exception: asException(record),
        };
        const names = [present(record.event_name), textOf(record, 'event.name')];
        if (tellsOfException(result, names)) logs.records.push(result);
      }
    }
  }
  return logs;
}

/** Which log records the scanner has to keep, in plain words. */
export function tellsOfException(
  { exception }: Pick<DecodedLogRecord, 'exception'>,
  eventNames: readonly Buffer[],
): boolean {
  const { type, message, stackText } = exception;
  return (
    type.length > 0 ||
    message.length > 0 ||
    stackText.length > 0 ||
    eventNames.map(String).some((name) => name === 'exception' || name.endsWith('.exception'))
  );
}
