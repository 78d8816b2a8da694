import { attributeNames, SERVICE_ATTRIBUTES } from './attribute-names.ts';
import { limit } from './limits.ts';
import { tagOf, wireType } from './wire-reader.ts';
import type { DecodedResource } from './decoded.ts';
import type { ProtobufWalk } from './protobuf-walk.ts';

/* ResourceSpans, ResourceLogs and Resource of opentelemetry/proto/trace/v1, logs/v1 and resource/v1. */
const RESOURCE = tagOf(1, wireType.bytes);
const ATTRIBUTES = tagOf(1, wireType.bytes);

const EMPTY = Buffer.alloc(0);
const serviceAttributes = attributeNames(SERVICE_ATTRIBUTES);

/**
 * Passes over the ResourceSpans or ResourceLogs from the reader's position to `end`, counts the attributes of its
 * resource, and tells whether one of them is a run id.
 */
export function resourceNamesRun(walk: ProtobufWalk<unknown>, end: number): boolean {
  const { reader, attribute, runIdNames, intake } = walk;
  let namesRun = false;
  while (reader.pos < end) {
    const tag = reader.tag();
    if (tag !== RESOURCE) {
      reader.skip(tag, end);
      continue;
    }
    const resourceEnd = reader.lengthWithin(end);
    while (reader.pos < resourceEnd) {
      const fieldTag = reader.tag();
      if (fieldTag !== ATTRIBUTES) {
        reader.skip(fieldTag, resourceEnd);
        continue;
      }
      const attributeEnd = reader.lengthWithin(resourceEnd);
      if (intake.budget.take(limit.attributes)) {
        attribute.read(attributeEnd, runIdNames);
        if (attribute.rank >= 0 && attribute.hasText) namesRun = true;
      }
      reader.pos = attributeEnd;
    }
    reader.expectWithin(resourceEnd);
  }
  reader.expectWithin(end);
  return namesRun;
}

/** Reads the resource of such a message from `start` to `end`; given in parts, they are merged. */
export function readResource(
  walk: ProtobufWalk<unknown>,
  start: number,
  end: number,
): DecodedResource {
  const { reader, attribute, runIdNames } = walk;
  const texts: (Buffer | undefined)[] = [undefined, undefined];
  let runId: Buffer = EMPTY;
  let runIdRank = runIdNames.names.length;
  reader.pos = start;
  while (reader.pos < end) {
    const tag = reader.tag();
    if (tag !== RESOURCE) {
      reader.skip(tag, end);
      continue;
    }
    const resourceEnd = reader.lengthWithin(end);
    while (reader.pos < resourceEnd) {
      const fieldTag = reader.tag();
      if (fieldTag !== ATTRIBUTES) {
        reader.skip(fieldTag, resourceEnd);
        continue;
      }
      const attributeEnd = reader.lengthWithin(resourceEnd);
      const attributeStart = reader.pos;
      attribute.read(attributeEnd, serviceAttributes);
      if (attribute.rank >= 0) texts[attribute.rank] ??= attribute.text();
      reader.pos = attributeStart;
      attribute.read(attributeEnd, runIdNames);
      if (attribute.rank >= 0 && attribute.rank < runIdRank && attribute.hasText) {
        runIdRank = attribute.rank;
        runId = attribute.text();
      }
    }
  }
  const [namespace = EMPTY, service = EMPTY] = texts;
  return { namespace, service, runId };
}
