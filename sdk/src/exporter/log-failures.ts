import {
  extractLogs,
  type DecodedLogRecord,
  type DecodedResource,
  type Extracted,
} from '@failtrace/collector-plugin';
import { isSpanContextValid } from '@opentelemetry/api';
import { firstText, idOf, nanosecondsOf, textOf } from './attributes.ts';
import { decodedException, decodedResource } from './decoded-spans.ts';
import type { EmittedLogRecord, TelemetryResource } from '../telemetry.ts';

const EXCEPTION_EVENT = /(?:^|\.)exception$/;
const EXCEPTION_TEXTS = ['exception.type', 'exception.message', 'exception.stacktrace'];
const NOTHING = Buffer.alloc(0);

/** Whether a log record tells of an exception: the receiver's own rule, asked of the SDK's own object. */
export function tellsOfException({ attributes, eventName }: EmittedLogRecord): boolean {
  return (
    EXCEPTION_TEXTS.some((name) => textOf(attributes[name]).length > 0) ||
    EXCEPTION_EVENT.test(eventName ?? '') ||
    EXCEPTION_EVENT.test(textOf(attributes['event.name']).toString())
  );
}

/** The failures that log records tell of, as the receiver makes them. */
export function logFailures(
  records: readonly EmittedLogRecord[],
  runIdNames: readonly string[],
  nowMs: number,
): Extracted {
  const resources = new Map<TelemetryResource, DecodedResource>();
  const resourceOf = (resource: TelemetryResource) => {
    const known = resources.get(resource) ?? decodedResource(resource, runIdNames);
    resources.set(resource, known);
    return known;
  };
  const told = records
    .filter(tellsOfException)
    .map((record) => decodedRecord(record, resourceOf(record.resource), runIdNames));
  return extractLogs({ recordCount: records.length, records: told, leftOut: undefined }, { nowMs });
}

function decodedRecord(
  record: EmittedLogRecord,
  resource: DecodedResource,
  runIdNames: readonly string[],
): DecodedLogRecord {
  const { attributes, spanContext, severityNumber = 0, severityText = '' } = record;
  const isInTrace = spanContext && isSpanContextValid(spanContext);
  return {
    resource,
    traceId: isInTrace ? idOf(spanContext.traceId) : NOTHING,
    spanId: isInTrace ? idOf(spanContext.spanId) : NOTHING,
    observedTime: nanosecondsOf(record.hrTimeObserved),
    severityNumber,
    severityText: Buffer.from(severityText),
    body: textOf(record.body),
    runId: firstText(attributes, runIdNames),
    exception: decodedException(
      attributes,
      nanosecondsOf(record.hrTime),
      record.droppedAttributesCount,
    ),
  };
}
