import {
  addField,
  checkHex,
  checkText,
  firstObject,
  isObject,
  nextObject,
  readHex,
  readText,
} from '../json-fields.ts';
import { isId, SPAN_ID_BYTES } from '../ids.ts';
import { checkUint64, readEnum, readUint64 } from '../json-integers.ts';
import { limit } from '../limits.ts';
import { nameTable } from '../names.ts';
import type { DecodedException, DecodedResource } from '../decoded.ts';
import { goTo } from '../json-walk.ts';
import type { DecodedSpan } from './decoded-traces.ts';
import { isException, readException } from './json-event.ts';
import type { SpansWalk } from './json-walk.ts';
import { spanFact } from './span-facts.ts';
import { asSpanStatusCode, STATUS_ERROR } from './span-status.ts';

/* Span and Status of opentelemetry/proto/trace/v1/trace.proto. */
const field = {
  traceId: 0,
  spanId: 1,
  parentSpanId: 2,
  name: 3,
  startTimeUnixNano: 4,
  endTimeUnixNano: 5,
  attributes: 6,
  events: 7,
  status: 8,
  droppedEventsCount: 9,
} as const;
const SPAN = nameTable(Object.keys(field));
/** How many fields of a span are looked for. */
export const SPAN_FIELDS = SPAN.names.length;
const STATUS = nameTable(['code', 'message']);
const [STATUS_CODE, STATUS_MESSAGE] = [0, 1];

const EMPTY = Buffer.alloc(0);
const ZERO = 0x30;

/**
 * Passes over the span that begins here and tells what is known of it, as bits of `spanFact`. All of
 * its fields are checked, and no object is made. Where it holds more than a limit allows, the rest is
 * passed over as JSON alone.
 */
export function factsOf(walk: SpansWalk): number {
  const { cursor, attribute, runIdNames, intake, fieldsAt } = walk;
  const { budget } = intake;
  fieldsAt.fill(-1);
  let facts: number = spanFact.isRoot;
  let seen = 0;
  for (let more = cursor.firstKey(); more; more = cursor.nextKey()) {
    const rank = cursor.rankOfText(SPAN);
    seen = addField(cursor, seen, rank);
    if (rank >= 0) fieldsAt[rank] = cursor.pos;
    switch (rank) {
      case field.traceId:
      case field.spanId:
        checkHex(cursor);
        break;
      case field.parentSpanId:
        if (isParentId(walk)) facts &= ~spanFact.isRoot;
        break;
      case field.name:
        checkText(cursor);
        break;
      case field.startTimeUnixNano:
      case field.endTimeUnixNano:
        checkUint64(cursor);
        break;
      case field.droppedEventsCount:
        checkUint64(cursor);
        break;
      case field.attributes:
        for (let another = firstObject(cursor); another; another = nextObject(cursor)) {
          if (!budget.take(limit.attributes)) {
            cursor.skipItems();
            break;
          }
          attribute.read(runIdNames);
          if (attribute.rank >= 0 && attribute.hasText) facts |= spanFact.namesRun;
        }
        break;
      case field.events:
        for (let another = firstObject(cursor); another; another = nextObject(cursor)) {
          if (!budget.take(limit.events)) {
            cursor.skipItems();
            break;
          }
          if (isException(walk)) facts |= spanFact.hasException;
        }
        break;
      case field.status:
        if (hasFailed(walk)) facts |= spanFact.hasFailed;
        break;
      default:
        cursor.skipValue();
    }
  }
  return facts;
}

function isParentId({ cursor }: SpansWalk): boolean {
  const start = cursor.pos;
  if (!checkHex(cursor)) return false;
  const { bytes, textStart, textEnd, hasEscapes } = cursor;
  if (!hasEscapes) return isHexOfId(bytes, textStart, textEnd);
  cursor.pos = start;
  return isId(readHex(cursor), SPAN_ID_BYTES);
}

/** What `isId` says of bytes, of their hex digits: most spans have a parent, and no bytes are made. */
function isHexOfId(bytes: Buffer, start: number, end: number): boolean {
  if (end - start !== 2 * SPAN_ID_BYTES) return false;
  for (let at = start; at < end; at += 1) if (bytes[at] !== ZERO) return true;
  return false;
}

function hasFailed({ cursor }: SpansWalk): boolean {
  let verdict = false;
  if (!isObject(cursor)) return verdict;
  let seen = 0;
  for (let more = cursor.firstKey(); more; more = cursor.nextKey()) {
    const rank = cursor.rankOfText(STATUS);
    seen = addField(cursor, seen, rank);
    if (rank === STATUS_CODE) verdict = readEnum(cursor) === STATUS_ERROR;
    else if (rank === STATUS_MESSAGE) checkText(cursor);
    else cursor.skipValue();
  }
  return verdict;
}

/** Reads the span that {@link factsOf} has just passed over, into an object. */
export function readSpan(walk: SpansWalk, resource: DecodedResource): DecodedSpan {
  const { cursor } = walk;
  const { pos, depth } = cursor;
  const span: DecodedSpan = {
    resource,
    traceId: goTo(walk, field.traceId) ? readHex(cursor) : EMPTY,
    spanId: goTo(walk, field.spanId) ? readHex(cursor) : EMPTY,
    parentSpanId: goTo(walk, field.parentSpanId) ? readHex(cursor) : EMPTY,
    name: goTo(walk, field.name) ? readText(cursor) : EMPTY,
    startedAt: goTo(walk, field.startTimeUnixNano) ? readUint64(cursor) : 0n,
    endedAt: goTo(walk, field.endTimeUnixNano) ? readUint64(cursor) : 0n,
    status: 0,
    statusMessage: EMPTY,
    runId: goTo(walk, field.attributes) ? readRunId(walk) : EMPTY,
    exceptions: goTo(walk, field.events) ? readExceptions(walk) : [],
    droppedEvents: goTo(walk, field.droppedEventsCount)
      ? Number(BigInt.asUintN(32, readUint64(cursor)))
      : 0,
  };
  if (goTo(walk, field.status)) readStatus(walk, span);
  cursor.pos = pos;
  cursor.depth = depth;
  return span;
}

function readRunId({ cursor, attribute, runIdNames }: SpansWalk): Buffer {
  let runId: Buffer = EMPTY;
  let runIdRank = runIdNames.names.length;
  for (let another = firstObject(cursor); another; another = nextObject(cursor)) {
    attribute.read(runIdNames);
    if (attribute.rank >= 0 && attribute.rank < runIdRank && attribute.hasText) {
      runIdRank = attribute.rank;
      runId = attribute.text();
    }
  }
  return runId;
}

function readExceptions(walk: SpansWalk): DecodedException[] {
  const { cursor, intake } = walk;
  const exceptions: DecodedException[] = [];
  for (let another = firstObject(cursor); another; another = nextObject(cursor)) {
    if (!isException(walk)) continue;
    // The span is left out whole: what is behind need not be looked at.
    if (!intake.budget.take(limit.failures)) break;
    exceptions.push(readException(walk));
  }
  return exceptions;
}

function readStatus({ cursor }: SpansWalk, span: DecodedSpan): void {
  if (!isObject(cursor)) return;
  for (let more = cursor.firstKey(); more; more = cursor.nextKey()) {
    const rank = cursor.rankOfText(STATUS);
    if (rank === STATUS_CODE) span.status = asSpanStatusCode(readEnum(cursor));
    else if (rank === STATUS_MESSAGE) span.statusMessage = readText(cursor);
    else cursor.skipValue();
  }
}
