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
export type Guard = (request: Request) => Promise<Caller>;
