import type { ApiApp } from '../routes/env.ts';

/** A route, as the application has it: a path with its parameters, such as `/api/runs/:run_id`. */
export interface ApiRoute {
  method: string;
  path: string;
}

/** Every route under `/api/`, by what the application itself knows, not by a list of ours. */
export function apiRoutes(app: ApiApp): ApiRoute[] {
  const answering = app.routes.filter(({ method, path }) => {
    const isMiddleware = method === 'ALL' && path.endsWith('*');
    return !isMiddleware && path.startsWith('/api');
  });
  const names = new Set(answering.map(({ method, path }) => `${method} ${path}`));
  return [...names].map((name) => {
    const [method = '', path = ''] = name.split(' ');
    return { method, path };
  });
}
