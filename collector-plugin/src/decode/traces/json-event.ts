import { addField, checkText, firstObject, nextObject } from '../json-fields.ts';
import { readUint64 } from '../json-integers.ts';
import { limit } from '../limits.ts';
import { asException, exceptionAttributes, type ExceptionTexts } from '../exception-texts.ts';
import { nameTable } from '../names.ts';
import type { DecodedException } from '../decoded.ts';
import type { SpansWalk } from './json-walk.ts';

/* Span.Event of opentelemetry/proto/trace/v1/trace.proto. */
const EVENT = nameTable(['timeUnixNano', 'name', 'attributes', 'droppedAttributesCount']);
const [TIME, NAME, ATTRIBUTES, DROPPED_ATTRIBUTES] = [0, 1, 2, 3];

const EXCEPTION_EVENT = nameTable(['exception']);

/** Passes over the event that begins here and tells whether it is an exception. */
export function isException({ cursor, event }: SpansWalk): boolean {
  let verdict = false;
  let seen = 0;
  event.timeAt = -1;
  event.attributesAt = -1;
  event.droppedAttributesAt = -1;
  for (let more = cursor.firstKey(); more; more = cursor.nextKey()) {
    const field = cursor.rankOfText(EVENT);
    seen = addField(cursor, seen, field);
    if (field === NAME) {
      if (checkText(cursor)) verdict = cursor.rankOfText(EXCEPTION_EVENT) >= 0;
    } else {
      if (field === TIME) event.timeAt = cursor.pos;
      else if (field === DROPPED_ATTRIBUTES) event.droppedAttributesAt = cursor.pos;
      else if (field === ATTRIBUTES) event.attributesAt = cursor.pos;
      cursor.skipValue();
    }
  }
  return verdict;
}

/** Reads the exception event that {@link isException} has just passed over. */
export function readException(walk: SpansWalk): DecodedException {
  const { cursor, event } = walk;
  const { pos, depth } = cursor;
  cursor.pos = event.attributesAt;
  const texts = cursor.pos < 0 ? [] : readTexts(walk);
  const time = numberAt(walk, event.timeAt);
  const droppedAttributes = Number(BigInt.asUintN(32, numberAt(walk, event.droppedAttributesAt)));
  cursor.pos = pos;
  cursor.depth = depth;
  return asException(texts, time, droppedAttributes);
}

function numberAt({ cursor }: SpansWalk, position: number): bigint {
  cursor.pos = position;
  return position < 0 ? 0n : readUint64(cursor);
}

/** For each attribute of an exception the text of the first one so called. */
function readTexts({ cursor, attribute, intake }: SpansWalk): ExceptionTexts {
  const texts: ExceptionTexts = [undefined, undefined, undefined, undefined];
  for (let another = firstObject(cursor); another; another = nextObject(cursor)) {
    // The span is left out whole: what is behind need not be looked at.
    if (!intake.budget.take(limit.attributes)) break;
    attribute.read(exceptionAttributes);
    if (attribute.rank >= 0) texts[attribute.rank] ??= attribute.text();
  }
  return texts;
}
