import { attributeNames, SERVICE_ATTRIBUTES } from './attribute-names.ts';
import { addField, firstObject, isObject, nextObject } from './json-fields.ts';
import { limit } from './limits.ts';
import { nameTable } from './names.ts';
import type { DecodedResource } from './decoded.ts';
import type { JsonWalk } from './json-walk.ts';

/* Resource of opentelemetry/proto/resource/v1/resource.proto. */
const RESOURCE = nameTable(['attributes']);
const ATTRIBUTES = 0;

const EMPTY = Buffer.alloc(0);
const serviceAttributes = attributeNames(SERVICE_ATTRIBUTES);

/**
 * Passes over the resource that begins here, counts its attributes, and tells whether one of them is a
 * run id.
 */
export function resourceNamesRun(walk: JsonWalk<unknown>): boolean {
  const { cursor, attribute, runIdNames, intake } = walk;
  if (!isObject(cursor)) return false;
  let namesRun = false;
  let seen = 0;
  for (let more = cursor.firstKey(); more; more = cursor.nextKey()) {
    const field = cursor.rankOfText(RESOURCE);
    seen = addField(cursor, seen, field);
    if (field !== ATTRIBUTES) {
      cursor.skipValue();
      continue;
    }
    for (let another = firstObject(cursor); another; another = nextObject(cursor)) {
      if (!intake.budget.take(limit.attributes)) {
        cursor.skipItems();
        break;
      }
      const start = cursor.pos;
      attribute.read(serviceAttributes);
      cursor.pos = start;
      attribute.read(runIdNames);
      if (attribute.rank >= 0 && attribute.hasText) namesRun = true;
    }
  }
  return namesRun;
}

/** Reads the resource at a position, or none below 0, which {@link resourceNamesRun} has passed over. */
export function readResource(walk: JsonWalk<unknown>, resourceAt: number): DecodedResource {
  const { cursor, attribute, runIdNames } = walk;
  const texts: (Buffer | undefined)[] = [undefined, undefined];
  let runId: Buffer = EMPTY;
  let runIdRank = runIdNames.names.length;
  const { pos, depth } = cursor;
  cursor.pos = resourceAt;
  // How deep its values nest has been checked, and was counted from further out.
  cursor.depth = 0;
  if (resourceAt >= 0 && isObject(cursor)) {
    for (let more = cursor.firstKey(); more; more = cursor.nextKey()) {
      if (cursor.rankOfText(RESOURCE) !== ATTRIBUTES) {
        cursor.skipValue();
        continue;
      }
      for (let another = firstObject(cursor); another; another = nextObject(cursor)) {
        const start = cursor.pos;
        attribute.read(serviceAttributes);
        if (attribute.rank >= 0) texts[attribute.rank] ??= attribute.text();
        cursor.pos = start;
        attribute.read(runIdNames);
        if (attribute.rank >= 0 && attribute.rank < runIdRank && attribute.hasText) {
          runIdRank = attribute.rank;
          runId = attribute.text();
        }
      }
    }
  }
  cursor.pos = pos;
  cursor.depth = depth;
  const [namespace = EMPTY, service = EMPTY] = texts;
  return { namespace, service, runId };
}
