import type { DecodedResource } from '../decode/decoded.ts';
import { asLabel, isTooLong } from './label.ts';
import { isUsable } from './run-id.ts';

const EMPTY = Buffer.alloc(0);

/** What the records of a resource's spans have in common. */
export interface ResourceContext {
  namespace: Buffer;
  service: Buffer;
  /** Empty where the resource names no run, or by an id that cannot be used. */
  runId: Buffer;
  hasIgnoredRunId: boolean;
  hasCutLabel: boolean;
}

/**
 * Makes of each resource, once however many spans it has, what its records need. A namespace that is
 * given stands in place of the one that the resource names.
 */
export function resourceContexts(
  namespace: string | undefined,
): (resource: DecodedResource) => ResourceContext {
  const pinned = namespace === undefined ? undefined : Buffer.from(namespace);
  const known = new Map<DecodedResource, ResourceContext>();
  return (resource) => {
    let context = known.get(resource);
    if (!context) {
      context = contextOf(resource, pinned);
      known.set(resource, context);
    }
    return context;
  };
}

function contextOf(resource: DecodedResource, pinned: Buffer | undefined): ResourceContext {
  const hasIgnoredRunId = !isUsable(resource.runId);
  return {
    namespace: pinned ?? asLabel(resource.namespace),
    service: asLabel(resource.service),
    runId: hasIgnoredRunId ? EMPTY : resource.runId,
    hasIgnoredRunId,
    hasCutLabel: isTooLong(resource.service) || (!pinned && isTooLong(resource.namespace)),
  };
}
