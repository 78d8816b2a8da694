import type { RouteConfig, RouteHandler } from '@hono/zod-openapi';
import type { Permission } from '../authorise/caller.ts';
import { requirePermission } from '../authorise/permission.ts';
import type { ApiApp, ApiEnv } from './env.ts';

/**
 * The one way in which routes under `/api/` are added. The permission is demanded before anything of
 * the request is looked at, and the description of the API names it.
 */
export function addRoute<Route extends RouteConfig>(
  app: ApiApp,
  permission: Permission,
  route: Route,
  handler: RouteHandler<Route, ApiEnv>,
): void {
  const { middleware = [] } = route;
  const guarded: RouteConfig = {
    ...described(permission, route),
    middleware: [requirePermission(permission), ...[middleware].flat()],
  };
  app.openapi(guarded, handler);
}

/** Describes HEAD of a route, which is answered by the handler of its GET. */
export function describeHead(
  app: ApiApp,
  permission: Permission,
  route: RouteConfig,
  summary: string,
): void {
  const head: RouteConfig = {
    ...route,
    method: 'head',
    summary,
    responses: { ...route.responses, 200: { description: 'The headers that GET would send.' } },
  };
  app.openAPIRegistry.registerPath(described(permission, head));
}

function described(permission: Permission, route: RouteConfig): RouteConfig {
  const description = [route.description, `Needs the permission \`${permission}\`.`];
  return {
    ...route,
    description: description.filter(Boolean).join('\n\n'),
    'x-permission': permission,
  };
}
