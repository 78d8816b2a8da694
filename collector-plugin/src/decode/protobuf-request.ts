import type { DecodedResource } from './decoded.ts';
import { limit } from './limits.ts';
import { readResource, resourceNamesRun } from './protobuf-resource.ts';
import type { ProtobufWalk } from './protobuf-walk.ts';
import { tagOf, wireType } from './wire-reader.ts';

/*
 * A walk over the wire bytes of an Export…ServiceRequest. Those of all signals are built alike, with the same
 * field numbers: ResourceSpans and ResourceLogs, in them ScopeSpans and ScopeLogs, in them the items.
 */
const RESOURCE_GROUPS = tagOf(1, wireType.bytes);
const SCOPE_GROUPS = tagOf(2, wireType.bytes);
const ITEMS = tagOf(2, wireType.bytes);

/** The ResourceSpans or ResourceLogs that is being walked over. */
export interface ResourceGroup {
  start: number;
  end: number;
  /** Its resource carries a run id. */
  namesRun: boolean;
  /** Made when the first of its items is kept. */
  resource: DecodedResource | undefined;
}

/** Walks over one item, a span or a log record, from the reader's position to `end`. */
type WalkItem<Walk> = (walk: Walk, end: number, parent: ResourceGroup) => void;

/**
 * Walks over all items of a request.
 *
 * @throws MalformedBodyError where the body is no such message
 */
export function walkRequest<Walk extends ProtobufWalk<unknown>>(
  walk: Walk,
  walkItem: WalkItem<Walk>,
): void {
  const { reader } = walk;
  const { length } = reader.bytes;
  while (reader.pos < length) {
    const tag = reader.tag();
    if (tag === RESOURCE_GROUPS) walkResourceGroup(walk, reader.lengthWithin(length), walkItem);
    else reader.skip(tag, length);
  }
}

function walkResourceGroup<Walk extends ProtobufWalk<unknown>>(
  walk: Walk,
  end: number,
  walkItem: WalkItem<Walk>,
): void {
  const { reader, intake } = walk;
  const start = reader.pos;
  intake.budget.take(limit.groups);
  // The resource may stand behind the items that belong to it, so it is looked for first.
  const namesRun = resourceNamesRun(walk, end);
  let parent: ResourceGroup | undefined;
  reader.pos = start;
  while (reader.pos < end) {
    const tag = reader.tag();
    if (tag === SCOPE_GROUPS) {
      parent ??= { start, end, namesRun, resource: undefined };
      walkScopeGroup(walk, reader.lengthWithin(end), parent, walkItem);
    } else {
      reader.skip(tag, end);
    }
  }
}

function walkScopeGroup<Walk extends ProtobufWalk<unknown>>(
  walk: Walk,
  end: number,
  parent: ResourceGroup,
  walkItem: WalkItem<Walk>,
): void {
  const { reader, intake } = walk;
  intake.budget.take(limit.groups);
  while (reader.pos < end) {
    const tag = reader.tag();
    if (tag !== ITEMS) {
      reader.skip(tag, end);
      continue;
    }
    const itemEnd = reader.lengthWithin(end);
    if (intake.begins()) walkItem(walk, itemEnd, parent);
    reader.pos = itemEnd;
  }
  reader.expectWithin(end);
}

/** The resource of a group, made once. */
export function resourceOf(walk: ProtobufWalk<unknown>, parent: ResourceGroup): DecodedResource {
  return (parent.resource ??= readResource(walk, parent.start, parent.end));
}
