import { FAILURE_SOURCES } from '@failtrace/contract';
import { isId, SPAN_ID_BYTES, TRACE_ID_BYTES } from '../decode/ids.ts';
import type { DecodedLogRecord, DecodedLogs } from '../decode/logs/decoded-logs.ts';
import type { ExtractOptions } from './extract.ts';
import type { Extracted, Failure } from './failure.ts';
import { asLabel, isTooLong } from './label.ts';
import { asRejected, type Remarks } from './rejected.ts';
import { resourceContexts, type ResourceContext } from './resource.ts';
import { isUsable } from './run-id.ts';
import { isHandledBySeverity } from './severity.ts';
import { clocksAhead, momentOf, noLaterThan } from './times.ts';
import { traceIdOf } from './trace-of-its-own.ts';
import { isCutUpstream } from './upstream-cut.ts';

const EMPTY = Buffer.alloc(0);

/**
 * Makes a failure of each log record that tells of an exception.
 *
 * - Its severity says whether it was handled (`severity.ts`), unless it escaped. Its span may know better: where the
 *   same exception arrives with that too, readers take both for one.
 * - The body stands in for a message that the attributes do not have.
 * - A record knows its span's id, but neither the span's parent nor its name nor its times: the times are those
 *   of the record, its own or when it was observed.
 * - A record without a trace gets one of its own (`trace-of-its-own.ts`).
 *
 * Run ids, times, labels and the namespace of a key are treated as those of spans: see `extract`.
 */
export function extractLogs(logs: DecodedLogs, options: ExtractOptions): Extracted {
  const moment = momentOf(options.nowMs);
  const { now, latest } = moment;
  const contextOf = resourceContexts(options.namespace);
  const remarks: Remarks = { invalidIds: 0, ignoredRunIds: 0, futureTimes: 0, cutLabels: 0 };
  const times = logs.records.map((record) => ({
    resource: record.resource,
    endedAt: timeOf(record),
  }));
  const clocks = clocksAhead(times, moment);
  const failures = logs.records.map((record, index) => {
    const resource = contextOf(record.resource);
    const time = times[index]?.endedAt ?? 0n;
    const at = time === 0n ? now : time - (clocks.get(record.resource) ?? 0n);
    if (time > latest) remarks.futureTimes += 1;
    if (resource.hasIgnoredRunId || !isUsable(record.runId)) remarks.ignoredRunIds += 1;
    if (resource.hasCutLabel || isTooLong(record.exception.type)) remarks.cutLabels += 1;
    return failureOf(record, resource, noLaterThan(latest, at));
  });
  return {
    failures,
    runSpans: [],
    rejected: asRejected('log records', remarks, logs.leftOut, latest),
  };
}

function failureOf(record: DecodedLogRecord, resource: ResourceContext, at: bigint): Failure {
  const { exception } = record;
  const hasTrace = isId(record.traceId, TRACE_ID_BYTES);
  const ownRunId = isUsable(record.runId) ? record.runId : EMPTY;
  return {
    traceId: hasTrace ? record.traceId : traceIdOf(record, resource),
    spanId: hasTrace && isId(record.spanId, SPAN_ID_BYTES) ? record.spanId : EMPTY,
    parentSpanId: EMPTY,
    namespace: resource.namespace,
    service: resource.service,
    spanName: EMPTY,
    startedAt: at,
    endedAt: at,
    runId: ownRunId.length > 0 ? ownRunId : resource.runId,
    source: FAILURE_SOURCES.log_record,
    occurredAt: at,
    status: 0,
    handled: !exception.escaped && isHandledBySeverity(record),
    outcome: false,
    cutUpstream: exception.droppedAttributes > 0 || isCutUpstream(exception.stackText),
    droppedEvents: 0,
    type: asLabel(exception.type),
    message: exception.message.length > 0 ? exception.message : record.body,
    stackText: exception.stackText,
  };
}

function timeOf({ exception, observedTime }: DecodedLogRecord): bigint {
  return exception.time === 0n ? observedTime : exception.time;
}
