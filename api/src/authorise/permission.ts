import type { Hono, MiddlewareHandler } from 'hono';
import { Forbidden } from '../errors.ts';
import type { Caller, Permission } from './caller.ts';

/** The checks that {@link requirePermission} has made, by which a route is known to have one. */
const checks = new WeakSet<object>();

/**
 * The first handler of every route under `/api/`: refuses callers without the permission, whatever
 * they ask for. It stands behind the guard, which says who calls.
 *
 * @throws Forbidden in the request of a caller without it
 */
export function requirePermission(
  permission: Permission,
): MiddlewareHandler<{ Variables: { caller: Caller } }> {
  const check: MiddlewareHandler<{ Variables: { caller: Caller } }> = async (c, next) => {
    if (!c.get('caller').permissions.has(permission)) {
      throw new Forbidden(`This credential lacks the permission ${permission}.`);
    }
    await next();
  };
  checks.add(check);
  return check;
}

/** A path whose pattern can match something under `/api/`. */
const REACHES_API = /^\/(?:api|:[^/]*|\*)(?:\/|$)/;

/**
 * Makes sure that no handler under `/api/` answers before a permission was demanded. `createApp`
 * calls it for its own routes, and `startApi` for all that were added since. Who serves an application in
 * another way calls it before.
 *
 * @throws Error names the first route without a {@link requirePermission} in front
 */
// What variables and routes the application knows does not matter here.
// oxlint-disable-next-line typescript/no-explicit-any
export function assertPermissions(app: Pick<Hono<any, any, any>, 'routes'>): void {
  const checked = new Set<string>();
  for (const { method, path, handler } of app.routes) {
    const route = `${method} ${path}`;
    if (checks.has(handler)) checked.add(route);
    // Only what takes no `next` must be an answer; what takes one, for all methods, is middleware.
    const isMiddleware = method === 'ALL' && handler.length > 1;
    if (isMiddleware || checked.has(route) || !REACHES_API.test(path)) continue;
    throw new Error(`The route ${route} demands no permission.`);
  }
}
