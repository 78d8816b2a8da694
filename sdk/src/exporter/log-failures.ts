import { createHash } from 'node:crypto';
import {
  extract,
  type DecodedResource,
  type DecodedSpan,
  type Extracted,
} from '@failtrace/collector-plugin';
import { FAILURE_SOURCES, SPAN_STATUSES } from '@failtrace/contract';
import { isSpanContextValid } from '@opentelemetry/api';
import { firstText, idOf, nanosecondsOf, textOf } from './attributes.ts';
import { decodedException, decodedResource } from './decoded-spans.ts';
import type { EmittedLogRecord } from '../telemetry.ts';

/** OpenTelemetry's `SEVERITY_NUMBER_ERROR`: what is less was dealt with. */
const SEVERITY_ERROR = 17;
const EXCEPTION_EVENT = /(?:^|\.)exception$/;
const NOTHING = Buffer.alloc(0);

/** Whether a log record tells of an exception, by the semantic conventions. */
export function tellsOfException({ attributes, eventName }: EmittedLogRecord): boolean {
  return (
    textOf(attributes['exception.type']).length > 0 ||
    textOf(attributes['exception.message']).length > 0 ||
    EXCEPTION_EVENT.test(eventName ?? '')
  );
}

/**
 * The failures that log records tell of. A record has neither its span's name nor its times; where it
 * stands in no span it gets ids that follow from what it says, so that sent again it is the same one.
 */
export function logFailures(
  records: readonly EmittedLogRecord[],
  runIdNames: readonly string[],
  nowMs: number,
): Extracted {
  const told = records.filter(tellsOfException);
  const { failures, rejected } = extract(
    {
      spanCount: told.length,
      spans: told.map((record) => asSpan(record, runIdNames)),
      leftOut: undefined,
    },
    { nowMs },
  );
  return {
    failures: failures.map((failure) => ({
      ...failure,
      source: FAILURE_SOURCES.log_record,
      status: SPAN_STATUSES.unset,
    })),
    runSpans: [],
    rejected,
  };
}

/** The one way into `extract`: a span of no length that has the exception. */
function asSpan(record: EmittedLogRecord, runIdNames: readonly string[]): DecodedSpan {
  const { attributes, spanContext, severityNumber = 0 } = record;
  const time = nanosecondsOf(record.hrTime);
  const resource = decodedResource(record.resource, runIdNames);
  const exception = decodedException(attributes, time, record.droppedAttributesCount);
  const message = exception.message.length > 0 ? exception.message : textOf(record.body);
  const ids =
    spanContext && isSpanContextValid(spanContext)
      ? { traceId: idOf(spanContext.traceId), spanId: idOf(spanContext.spanId) }
      : idsOf(record, resource);
  return {
    ...ids,
    resource,
    parentSpanId: NOTHING,
    name: NOTHING,
    startedAt: time,
    endedAt: time,
    status: severityNumber >= SEVERITY_ERROR ? SPAN_STATUSES.error : SPAN_STATUSES.unset,
    statusMessage: NOTHING,
    runId: firstText(attributes, runIdNames),
    exceptions: [{ ...exception, message }],
    droppedEvents: 0,
  };
}

function idsOf(
  { hrTime, attributes, body }: EmittedLogRecord,
  { namespace, service }: DecodedResource,
): Pick<DecodedSpan, 'traceId' | 'spanId'> {
  const hash = createHash('sha256');
  const told = ['exception.type', 'exception.message', 'exception.stacktrace'];
  for (const part of [namespace, service, ...told.map((name) => textOf(attributes[name]))]) {
    hash.update(`${part.length} `).update(part);
  }
  hash.update(`${hrTime.join('.')} `).update(textOf(body));
  const bytes = hash.digest();
  return { traceId: bytes.subarray(0, 16), spanId: bytes.subarray(16, 24) };
}
