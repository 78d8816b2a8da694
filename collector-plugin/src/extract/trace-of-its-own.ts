import { createHash } from 'node:crypto';
import { TRACE_ID_BYTES } from '../decode/ids.ts';
import type { DecodedLogRecord } from '../decode/logs/decoded-logs.ts';
import type { ResourceContext } from './resource.ts';

/**
 * The trace id of a log record that has none: of all that it says and of who sends it, so that the same record
 * sent again is the same failure, and no other one ever shares its trace.
 */
export function traceIdOf(record: DecodedLogRecord, resource: ResourceContext): Buffer {
  const { exception, observedTime, severityNumber } = record;
  const hash = createHash('sha256');
  const times = [exception.time, observedTime, BigInt(severityNumber)];
  const parts = [
    resource.namespace,
    resource.service,
    record.resource.runId,
    record.runId,
    record.traceId,
    record.spanId,
    record.severityText,
    record.body,
    exception.type,
    exception.message,
    exception.stackText,
  ];
  hash.update(times.join());
  // With its length in front of each, no two lists of parts read the same.
  for (const part of parts) hash.update(`,${part.length},`).update(part);
  const id = hash.digest().subarray(0, TRACE_ID_BYTES);
  // An id of zeros would be none.
  id[0] = (id[0] ?? 0) | 1;
  return id;
}
