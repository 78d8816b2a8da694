import { isUtf8 } from 'node:buffer';
import { MalformedBodyError } from '../../errors.ts';
import type { DecodeOptions } from '../decode-options.ts';
import { addField, firstObject, nextObject, requireObject } from '../json-fields.ts';
import { limit } from '../limits.ts';
import { nameTable } from '../names.ts';
import type { DecodedResource, DecodedTraces } from './decoded-traces.ts';
import { readResource, resourceNamesRun } from './json-resource.ts';
import { factsOf, readSpan } from './json-span.ts';
import { jsonWalk, type JsonWalk } from './json-walk.ts';
import { spanFact } from './span-facts.ts';

/*
 * A walk over the bytes of an ExportTraceServiceRequest in JSON that keeps nothing of a span until it
 * turns out to matter: what the walk over the wire bytes is for protobuf. Unknown fields are passed
 * over, as JSON. All of it is checked, since what passes over JSON has to read each byte anyway.
 */
const REQUEST = nameTable(['resourceSpans']);
const RESOURCE_SPANS = nameTable(['resource', 'scopeSpans']);
const [RESOURCE, SCOPE_SPANS] = [0, 1];
const SCOPE_SPANS_FIELDS = nameTable(['spans']);

/**
 * Decodes the JSON body of `POST /v1/traces`, an ExportTraceServiceRequest, into the same result as
 * the protobuf body that says the same. The result holds views into `body`: do not write to that
 * buffer again.
 *
 * @throws MalformedBodyError where the body is not such a message, with the path of what is wrong.
 */
export function decodeTracesJson(body: Buffer, options: DecodeOptions): DecodedTraces {
  if (!isUtf8(body)) throw new MalformedBodyError('The body is not JSON: it is not UTF-8.');
  const walk = jsonWalk(body, options);
  const { cursor } = walk;
  requireObject(cursor);
  let seen = 0;
  for (let more = cursor.firstKey(); more; more = cursor.nextKey()) {
    const field = cursor.rankOfText(REQUEST);
    seen = addField(cursor, seen, field);
    if (field < 0) {
      cursor.skipValue();
      continue;
    }
    for (let another = firstObject(cursor); another; another = nextObject(cursor)) {
      walkResourceSpans(walk);
    }
  }
  cursor.expectEnd();
  return walk.intake.end();
}

/** The ResourceSpans that is being walked over. */
interface ResourceSpans {
  /** Where its resource stands, or -1. */
  resourceAt: number;
  /** spanFact.resourceNamesRun, or 0. */
  facts: number;
  /** Made when the first of its spans is kept. */
  resource: DecodedResource | undefined;
}

function walkResourceSpans(walk: JsonWalk): void {
  const { cursor, intake } = walk;
  intake.budget.take(limit.groups);
  let resourceAt = -1;
  let facts = 0;
  let scopesAt = -1;
  let seen = 0;
  for (let more = cursor.firstKey(); more; more = cursor.nextKey()) {
    const field = cursor.rankOfText(RESOURCE_SPANS);
    seen = addField(cursor, seen, field);
    if (field === RESOURCE) {
      resourceAt = cursor.pos;
      if (resourceNamesRun(walk)) facts = spanFact.resourceNamesRun;
    } else if (field === SCOPE_SPANS && resourceAt >= 0) {
      walkScopes(walk, { resourceAt, facts, resource: undefined });
    } else {
      // The resource may stand behind the spans that belong to it: then they are come back to.
      if (field === SCOPE_SPANS) scopesAt = cursor.pos;
      cursor.skipValue();
    }
  }
  if (scopesAt < 0) return;
  const resumeAt = cursor.pos;
  cursor.pos = scopesAt;
  walkScopes(walk, { resourceAt, facts, resource: undefined });
  cursor.pos = resumeAt;
}

function walkScopes(walk: JsonWalk, parent: ResourceSpans): void {
  const { cursor, intake } = walk;
  for (let more = firstObject(cursor); more; more = nextObject(cursor)) {
    intake.budget.take(limit.groups);
    let seen = 0;
    for (let another = cursor.firstKey(); another; another = cursor.nextKey()) {
      const field = cursor.rankOfText(SCOPE_SPANS_FIELDS);
      seen = addField(cursor, seen, field);
      if (field < 0) {
        cursor.skipValue();
        continue;
      }
      for (let span = firstObject(cursor); span; span = nextObject(cursor)) {
        if (intake.isFull) {
          intake.leaveOut(cursor.skipItems());
          break;
        }
        walkSpan(walk, parent);
      }
    }
  }
}

function walkSpan(walk: JsonWalk, parent: ResourceSpans): void {
  const { cursor, intake } = walk;
  if (!intake.begins()) {
    cursor.skipValue();
    return;
  }
  const facts = factsOf(walk) | parent.facts;
  if (!intake.wants(facts)) return;
  parent.resource ??= readResource(walk, parent.resourceAt);
  intake.add(readSpan(walk, parent.resource));
}
