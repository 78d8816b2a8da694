import { asException, type ExceptionTexts } from '../exception-texts.ts';
import { limit } from '../limits.ts';
import type { ProtobufAttribute } from '../protobuf-attribute.ts';
import type { ProtobufWalk } from '../protobuf-walk.ts';
import { tagOf, wireType, type WireReader } from '../wire-reader.ts';
import type { DecodedLogRecord } from './decoded-logs.ts';
import {
  EVENT_NAME_RANK,
  hasException,
  isExceptionEvent,
  recordAttributes,
} from './exception-records.ts';

/* LogRecord of opentelemetry/proto/logs/v1/logs.proto. */
const TIME = tagOf(1, wireType.fixed64);
const SEVERITY_NUMBER = tagOf(2, wireType.varint);
const SEVERITY_TEXT = tagOf(3, wireType.bytes);
const BODY = tagOf(5, wireType.bytes);
const ATTRIBUTES = tagOf(6, wireType.bytes);
const DROPPED_ATTRIBUTES = tagOf(7, wireType.varint);
const TRACE_ID = tagOf(9, wireType.bytes);
const SPAN_ID = tagOf(10, wireType.bytes);
const OBSERVED_TIME = tagOf(11, wireType.fixed64);
const EVENT_NAME = tagOf(12, wireType.bytes);

const EMPTY: Buffer = Buffer.alloc(0);

/** What the functions that walk over the log records of one request share. */
export interface RecordsWalk extends ProtobufWalk<DecodedLogRecord> {
  /** The body of the record that is being read. */
  readonly body: ProtobufAttribute;
}

/** Reads the log record from the reader's position to `end`; undefined where it tells of no exception. */
export function readRecord(
  walk: RecordsWalk,
  end: number,
): Omit<DecodedLogRecord, 'resource'> | undefined {
  const { reader, attribute, body, runIdNames, intake } = walk;
  const texts: ExceptionTexts = [];
  let [timeAt, observedTimeAt] = [-1, -1];
  let [severityNumber, droppedAttributes] = [0, 0];
  let [severityText, traceId, spanId, eventName, runId] = [EMPTY, EMPTY, EMPTY, EMPTY, EMPTY];
  let runIdRank = runIdNames.names.length;
  body.clear();
  while (reader.pos < end) {
    const tag = reader.tag();
    switch (tag) {
      case TIME:
        timeAt = reader.pos;
        reader.skip(tag, end);
        break;
      case OBSERVED_TIME:
        observedTimeAt = reader.pos;
        reader.skip(tag, end);
        break;
      case SEVERITY_NUMBER:
        severityNumber = reader.int32();
        reader.expectWithin(end);
        break;
      case SEVERITY_TEXT:
        severityText = readBytes(reader, end);
        break;
      case BODY:
        body.readValue(reader.lengthWithin(end));
        break;
      case ATTRIBUTES: {
        const attributeEnd = reader.lengthWithin(end);
        // The record is left out whole: what is behind need not be looked at.
        if (!intake.budget.take(limit.attributes)) return undefined;
        const attributeStart = reader.pos;
        attribute.read(attributeEnd, recordAttributes);
        if (attribute.rank >= 0) texts[attribute.rank] ??= attribute.text();
        reader.pos = attributeStart;
        attribute.read(attributeEnd, runIdNames);
        if (attribute.rank >= 0 && attribute.rank < runIdRank && attribute.hasText) {
          runIdRank = attribute.rank;
          runId = attribute.text();
        }
        break;
      }
      case DROPPED_ATTRIBUTES:
        droppedAttributes = reader.int32() >>> 0;
        reader.expectWithin(end);
        break;
      case TRACE_ID:
        traceId = readBytes(reader, end);
        break;
      case SPAN_ID:
        spanId = readBytes(reader, end);
        break;
      case EVENT_NAME:
        eventName = readBytes(reader, end);
        break;
      default:
        reader.skip(tag, end);
    }
  }
  const exception = asException(texts, reader.fixed64At(timeAt), droppedAttributes);
  const isEvent = isExceptionEvent(eventName) || isExceptionEvent(texts[EVENT_NAME_RANK] ?? EMPTY);
  if (!isEvent && !hasException(exception)) return undefined;
  return {
    traceId,
    spanId,
    observedTime: reader.fixed64At(observedTimeAt),
    severityNumber,
    severityText,
    body: body.text(),
    runId,
    exception,
  };
}

function readBytes(reader: WireReader, end: number): Buffer {
  const valueEnd = reader.lengthWithin(end);
  const bytes = valueEnd === reader.pos ? EMPTY : reader.bytes.subarray(reader.pos, valueEnd);
  reader.pos = valueEnd;
  return bytes;
}
