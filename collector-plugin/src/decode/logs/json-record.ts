import { asException, type ExceptionTexts } from '../exception-texts.ts';
import type { JsonAttribute } from '../json-attribute.ts';
import {
  addField,
  checkHex,
  checkText,
  firstObject,
  nextObject,
  readHex,
  readText,
} from '../json-fields.ts';
import { checkUint64, readEnum, readUint64 } from '../json-integers.ts';
import { textOf } from '../json-string.ts';
import { goTo, type JsonWalk } from '../json-walk.ts';
import { limit } from '../limits.ts';
import { nameTable } from '../names.ts';
import type { DecodedLogRecord } from './decoded-logs.ts';
import {
  EVENT_NAME_RANK,
  hasException,
  isExceptionEvent,
  recordAttributes,
} from './exception-records.ts';

/* LogRecord of opentelemetry/proto/logs/v1/logs.proto. */
const field = {
  timeUnixNano: 0,
  observedTimeUnixNano: 1,
  severityNumber: 2,
  severityText: 3,
  body: 4,
  attributes: 5,
  droppedAttributesCount: 6,
  traceId: 7,
  spanId: 8,
  eventName: 9,
} as const;
const LOG_RECORD = nameTable(Object.keys(field));
/** How many fields of a log record are looked for. */
export const RECORD_FIELDS = LOG_RECORD.names.length;

const EMPTY = Buffer.alloc(0);

/** What the functions that walk over the log records of one request share. */
export interface RecordsWalk extends JsonWalk<DecodedLogRecord> {
  /** The body of the record that was passed over or read last. */
  readonly body: JsonAttribute;
}

/**
 * Passes over the log record that begins here and tells whether it may be one of an exception. All of its
 * fields are checked, and no object is made. Where it holds more than a limit allows, the rest is passed over
 * as JSON alone.
 */
export function mayTellOfException(walk: RecordsWalk): boolean {
  const { cursor, attribute, body, intake, fieldsAt } = walk;
  fieldsAt.fill(-1);
  let verdict = false;
  let seen = 0;
  for (let more = cursor.firstKey(); more; more = cursor.nextKey()) {
    const rank = cursor.rankOfText(LOG_RECORD);
    seen = addField(cursor, seen, rank);
    if (rank >= 0) fieldsAt[rank] = cursor.pos;
    switch (rank) {
      case field.traceId:
      case field.spanId:
        checkHex(cursor);
        break;
      case field.timeUnixNano:
      case field.observedTimeUnixNano:
      case field.droppedAttributesCount:
        checkUint64(cursor);
        break;
      case field.severityNumber:
        readEnum(cursor);
        break;
      case field.severityText:
        checkText(cursor);
        break;
      case field.eventName:
        if (checkText(cursor) && isEventName(walk)) verdict = true;
        break;
      case field.body:
        body.readValue();
        break;
      case field.attributes:
        for (let another = firstObject(cursor); another; another = nextObject(cursor)) {
          if (!intake.budget.take(limit.attributes)) {
            cursor.skipItems();
            break;
          }
          attribute.read(recordAttributes);
          if (attribute.rank >= 0) verdict = true;
        }
        break;
      default:
        cursor.skipValue();
    }
  }
  return verdict;
}

function isEventName({ cursor: { bytes, textStart, textEnd, hasEscapes } }: RecordsWalk): boolean {
  return hasEscapes
    ? isExceptionEvent(textOf(bytes, textStart, textEnd, true))
    : isExceptionEvent(bytes, textStart, textEnd);
}

/**
 * Reads the log record that {@link mayTellOfException} has just passed over; undefined where it tells of no
 * exception.
 */
export function readRecord(walk: RecordsWalk): Omit<DecodedLogRecord, 'resource'> | undefined {
  const { cursor, body } = walk;
  const { pos, depth } = cursor;
  const record = readFields(walk);
  if (record && goTo(walk, field.body)) {
    body.readValue();
    record.body = body.text();
  }
  cursor.pos = pos;
  cursor.depth = depth;
  return record;
}

function readFields(walk: RecordsWalk): Omit<DecodedLogRecord, 'resource'> | undefined {
  const { cursor } = walk;
  const numberAt = (rank: number) => (goTo(walk, rank) ? readUint64(cursor) : 0n);
  const { texts, runId } = readAttributes(walk);
  const exception = asException(
    texts,
    numberAt(field.timeUnixNano),
    Number(BigInt.asUintN(32, numberAt(field.droppedAttributesCount))),
  );
  const isEvent =
    isExceptionEvent(goTo(walk, field.eventName) ? readText(cursor) : EMPTY) ||
    isExceptionEvent(texts[EVENT_NAME_RANK] ?? EMPTY);
  if (!isEvent && !hasException(exception)) return undefined;
  return {
    traceId: goTo(walk, field.traceId) ? readHex(cursor) : EMPTY,
    spanId: goTo(walk, field.spanId) ? readHex(cursor) : EMPTY,
    observedTime: numberAt(field.observedTimeUnixNano),
    severityNumber: goTo(walk, field.severityNumber) ? readEnum(cursor) : 0,
    severityText: goTo(walk, field.severityText) ? readText(cursor) : EMPTY,
    body: EMPTY,
    runId,
    exception,
  };
}

function readAttributes(walk: RecordsWalk): { texts: ExceptionTexts; runId: Buffer } {
  const { cursor, attribute, runIdNames } = walk;
  const texts: ExceptionTexts = [];
  let runId: Buffer = EMPTY;
  let runIdRank = runIdNames.names.length;
  if (!goTo(walk, field.attributes)) return { texts, runId };
  for (let another = firstObject(cursor); another; another = nextObject(cursor)) {
    const start = cursor.pos;
    attribute.read(recordAttributes);
    if (attribute.rank >= 0) texts[attribute.rank] ??= attribute.text();
    cursor.pos = start;
    attribute.read(runIdNames);
    if (attribute.rank >= 0 && attribute.rank < runIdRank && attribute.hasText) {
      runIdRank = attribute.rank;
      runId = attribute.text();
    }
  }
  return { texts, runId };
}
