import type { DecodedException } from '../decoded.ts';
import { asException, exceptionAttributes, type ExceptionTexts } from '../exception-texts.ts';
import { limit } from '../limits.ts';
import { tagOf, wireType, type WireReader } from '../wire-reader.ts';
import type { ProtobufWalk } from '../protobuf-walk.ts';

/* Span.Event of opentelemetry/proto/trace/v1/trace.proto. */
const TIME = tagOf(1, wireType.fixed64);
const NAME = tagOf(2, wireType.bytes);
const ATTRIBUTES = tagOf(3, wireType.bytes);
const DROPPED_ATTRIBUTES = tagOf(4, wireType.varint);

const EXCEPTION_EVENT = Buffer.from('exception');

/** Tells whether the event from the reader's position to `end` is an exception; leaves the reader there. */
export function isException(reader: WireReader, end: number): boolean {
  let nameStart = 0;
  let nameEnd = 0;
  while (reader.pos < end) {
    const tag = reader.tag();
    if (tag === NAME) {
      nameEnd = reader.lengthWithin(end);
      nameStart = reader.pos;
      reader.pos = nameEnd;
    } else {
      reader.skip(tag, end);
    }
  }
  reader.expectWithin(end);
  return (
    nameEnd - nameStart === EXCEPTION_EVENT.length &&
    EXCEPTION_EVENT.compare(reader.bytes, nameStart, nameEnd) === 0
  );
}

/** Reads an exception event from the reader's position to `end`. */
export function readException(walk: ProtobufWalk<unknown>, end: number): DecodedException {
  const { reader, attribute, intake } = walk;
  let timeAt = -1;
  let droppedAttributes = 0;
  const texts: ExceptionTexts = [undefined, undefined, undefined, undefined];
  while (reader.pos < end) {
    const tag = reader.tag();
    if (tag === TIME) {
      timeAt = reader.pos;
      reader.skip(tag, end);
    } else if (tag === DROPPED_ATTRIBUTES) {
      droppedAttributes = reader.int32() >>> 0;
    } else if (tag === ATTRIBUTES) {
      const attributeEnd = reader.lengthWithin(end);
      // The span is left out whole: what is behind need not be looked at.
      if (!intake.budget.take(limit.attributes)) break;
      attribute.read(attributeEnd, exceptionAttributes);
      if (attribute.rank >= 0) texts[attribute.rank] ??= attribute.text();
    } else {
      reader.skip(tag, end);
    }
  }
  reader.pos = end;
  return asException(texts, reader.fixed64At(timeAt), droppedAttributes);
}
