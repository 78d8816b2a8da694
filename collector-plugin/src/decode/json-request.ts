import { isUtf8 } from 'node:buffer';
import { MalformedBodyError } from '../errors.ts';
import type { DecodedResource } from './decoded.ts';
import { addField, firstObject, nextObject, requireObject } from './json-fields.ts';
import { readResource, resourceNamesRun } from './json-resource.ts';
import type { JsonWalk } from './json-walk.ts';
import { limit } from './limits.ts';
import { nameTable, type NameTable } from './names.ts';

/*
 * A walk over the bytes of an Export…ServiceRequest in JSON that keeps nothing of an item until it turns out
 * to matter: what the walk over the wire bytes is for protobuf. Unknown fields are passed over, as JSON. All
 * of it is checked, since what passes over JSON has to read each byte anyway.
 */

/** What a signal calls the parts of its request, which those of all signals have alike. */
export interface RequestNames {
  readonly request: NameTable;
  readonly resourceGroup: NameTable;
  readonly scopeGroup: NameTable;
}

/** The names of a request, as `resourceSpans`, `scopeSpans` and `spans`. */
export function requestNames(
  resourceGroups: string,
  scopeGroups: string,
  items: string,
): RequestNames {
  return {
    request: nameTable([resourceGroups]),
    resourceGroup: nameTable(['resource', scopeGroups]),
    scopeGroup: nameTable([items]),
  };
}
const [RESOURCE, SCOPE_GROUPS] = [0, 1];

/** The ResourceSpans or ResourceLogs that is being walked over. */
export interface ResourceGroup {
  /** Where its resource stands, or -1. */
  resourceAt: number;
  /** Its resource carries a run id. */
  namesRun: boolean;
  /** Made when the first of its items is kept. */
  resource: DecodedResource | undefined;
}

/** A way to walk over the items of a request, of which it leaves each behind it. */
export interface RequestWalk<Walk> {
  names: RequestNames;
  walkItem: (walk: Walk, parent: ResourceGroup) => void;
}

/**
 * Walks over all items of a request.
 *
 * @throws MalformedBodyError where the body is no such message, with the path of what is wrong
 */
export function walkRequest<Walk extends JsonWalk<unknown>>(
  walk: Walk,
  how: RequestWalk<Walk>,
): void {
  const { cursor } = walk;
  if (!isUtf8(cursor.bytes)) throw new MalformedBodyError('The body is not JSON: it is not UTF-8.');
  requireObject(cursor);
  let seen = 0;
  for (let more = cursor.firstKey(); more; more = cursor.nextKey()) {
    const field = cursor.rankOfText(how.names.request);
    seen = addField(cursor, seen, field);
    if (field < 0) {
      cursor.skipValue();
      continue;
    }
    for (let another = firstObject(cursor); another; another = nextObject(cursor)) {
      walkResourceGroup(walk, how);
    }
  }
  cursor.expectEnd();
}

function walkResourceGroup<Walk extends JsonWalk<unknown>>(
  walk: Walk,
  how: RequestWalk<Walk>,
): void {
  const { cursor, intake } = walk;
  intake.budget.take(limit.groups);
  let resourceAt = -1;
  let namesRun = false;
  let scopesAt = -1;
  let seen = 0;
  for (let more = cursor.firstKey(); more; more = cursor.nextKey()) {
    const field = cursor.rankOfText(how.names.resourceGroup);
    seen = addField(cursor, seen, field);
    if (field === RESOURCE) {
      resourceAt = cursor.pos;
      namesRun = resourceNamesRun(walk);
    } else if (field === SCOPE_GROUPS && resourceAt >= 0) {
      walkScopeGroups(walk, how, { resourceAt, namesRun, resource: undefined });
    } else {
      // The resource may stand behind the items that belong to it: then they are come back to.
      if (field === SCOPE_GROUPS) scopesAt = cursor.pos;
      cursor.skipValue();
    }
  }
  if (scopesAt < 0) return;
  const resumeAt = cursor.pos;
  cursor.pos = scopesAt;
  walkScopeGroups(walk, how, { resourceAt, namesRun, resource: undefined });
  cursor.pos = resumeAt;
}

function walkScopeGroups<Walk extends JsonWalk<unknown>>(
  walk: Walk,
  { names, walkItem }: RequestWalk<Walk>,
  parent: ResourceGroup,
): void {
  const { cursor, intake } = walk;
  for (let more = firstObject(cursor); more; more = nextObject(cursor)) {
    intake.budget.take(limit.groups);
    let seen = 0;
    for (let another = cursor.firstKey(); another; another = cursor.nextKey()) {
      const field = cursor.rankOfText(names.scopeGroup);
      seen = addField(cursor, seen, field);
      if (field < 0) {
        cursor.skipValue();
        continue;
      }
      for (let item = firstObject(cursor); item; item = nextObject(cursor)) {
        if (intake.isFull) {
          intake.leaveOut(cursor.skipItems());
          break;
        }
        if (intake.begins()) walkItem(walk, parent);
        else cursor.skipValue();
      }
    }
  }
}

/** The resource of a group, made once. */
export function resourceOf(walk: JsonWalk<unknown>, parent: ResourceGroup): DecodedResource {
  return (parent.resource ??= readResource(walk, parent.resourceAt));
}
