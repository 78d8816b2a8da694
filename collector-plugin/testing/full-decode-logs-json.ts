import { isUtf8 } from 'node:buffer';
import type { DecodedLogs } from '../src/decode/logs/decoded-logs.ts';
import {
  asException,
  asObject,
  asResource,
  attributeText,
  enumAt,
  firstTexts,
  hexAt,
  objectsIn,
  parseExactly,
  runIdOf,
  textAt,
  uint64At,
} from './full-decode-json.ts';
import { tellsOfException } from './full-decode-logs.ts';

/** The simple way to the same result as the scanner of log records in JSON; see `fullDecodeJson`. */
export function fullDecodeLogsJson(body: Buffer, runIdNames: readonly string[]): DecodedLogs {
  if (!isUtf8(body)) throw new TypeError('not UTF-8');
  const request = asObject(parseExactly(body.toString('utf8')));
  const logs: DecodedLogs = { recordCount: 0, records: [], leftOut: undefined };
  for (const group of objectsIn(request, 'resourceLogs')) {
    const resource = asResource(group, runIdNames);
    for (const scopeLogs of objectsIn(group, 'scopeLogs')) {
      for (const record of objectsIn(scopeLogs, 'logRecords')) {
        logs.recordCount += 1;
        const result = {
          resource,
          traceId: hexAt(record, 'traceId'),
          spanId: hexAt(record, 'spanId'),
          observedTime: uint64At(record, 'observedTimeUnixNano'),
          severityNumber: enumAt(record, 'severityNumber'),
          severityText: textAt(record, 'severityText'),
          body: attributeText(record, true, 'body'),
          exception: asException(record),
        };
        const [attribute] = firstTexts(record, ['event.name']);
        const names = [textAt(record, 'eventName'), attribute ?? Buffer.alloc(0)];
        if (!tellsOfException(result, names)) continue;
        // Of other records nobody looks at what names no run.
        logs.records.push({ ...result, runId: runIdOf(record, runIdNames) });
      }
    }
  }
  return logs;
}
