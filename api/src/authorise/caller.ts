import { Forbidden } from '../errors.ts';
import type { Scope } from '../read/scope.ts';

/** What a caller may do. */
export const permissions = ['runs:read', 'traces:read'] as const;

export type Permission = (typeof permissions)[number];

/** Who asks, and what this caller may do with which data. */
export interface Caller {
  /** For the log; never a secret. */
  name: string;
  permissions: ReadonlySet<Permission>;
  scope: Scope;
}

/**
 * Finds out who sent a request.
 *
 * @throws Unauthenticated nobody that is known
 * @throws Forbidden somebody who may not use this server in this way
 */
export type Guard = (request: Request) => Caller;

/** @throws Forbidden the caller lacks the permission, whatever the run */
export function demand(caller: Caller, permission: Permission): void {
  if (!caller.permissions.has(permission)) {
    throw new Forbidden(`This credential lacks the permission ${permission}.`);
  }
}
