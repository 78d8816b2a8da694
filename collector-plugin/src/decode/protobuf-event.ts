import { attributeNames, EXCEPTION_ATTRIBUTES } from './attribute-names.ts';
import type { DecodedException } from './decoded-span.ts';
import { findAttribute } from './protobuf-attribute.ts';
import { tagOf, wireType, type WireReader } from './wire-reader.ts';

/* Span.Event of opentelemetry/proto/trace/v1/trace.proto. */
const TIME = tagOf(1, wireType.fixed64);
const NAME = tagOf(2, wireType.bytes);
const ATTRIBUTES = tagOf(3, wireType.bytes);

const EXCEPTION_EVENT = Buffer.from('exception');
const EMPTY = Buffer.alloc(0);
const exceptionAttributes = attributeNames(EXCEPTION_ATTRIBUTES);

/** Tells whether the event from the reader's position to `end` is an exception; leaves the reader there. */
export function isException(reader: WireReader, end: number): boolean {
  let verdict = false;
  while (reader.pos < end) {
    const tag = reader.tag();
    if (tag === NAME) {
      const nameEnd = reader.lengthWithin(end);
      const { bytes, pos } = reader;
      verdict =
        nameEnd - pos === EXCEPTION_EVENT.length &&
        EXCEPTION_EVENT.compare(bytes, pos, nameEnd) === 0;
      reader.pos = nameEnd;
    } else {
      reader.skip(tag, end);
    }
  }
  reader.expectWithin(end);
  return verdict;
}

/** Reads an exception event from the reader's position to `end`. */
export function readException(reader: WireReader, end: number): DecodedException {
  let time = 0n;
  const texts: (Buffer | undefined)[] = [undefined, undefined, undefined];
  while (reader.pos < end) {
    const tag = reader.tag();
    if (tag === TIME) {
      time = reader.fixed64(end);
    } else if (tag === ATTRIBUTES) {
      const found = findAttribute(reader, reader.lengthWithin(end), exceptionAttributes);
      if (found) texts[found.index] ??= found.text;
    } else {
      reader.skip(tag, end);
    }
  }
  const [type = EMPTY, message = EMPTY, stackText = EMPTY] = texts;
  return { time, type, message, stackText };
}
