import { createRoute } from '@hono/zod-openapi';
import { RunNotFound } from '../errors.ts';
import { findRuns } from '../find-runs.ts';
import { attemptJson, runJson } from '../render/run-json.ts';
import { addRoute } from './add-route.ts';
import { findContext } from './env.ts';
import type { ApiApp, RouteDeps } from './env.ts';
import { problems, runDetailSchema, runIdParam } from './schemas.ts';

const route = createRoute({
  method: 'get',
  path: '/api/runs/{run_id}',
  summary: 'One run, its attempts and their failures',
  request: { params: runIdParam },
  responses: {
    200: {
      description: 'The run. Failures run from what an attempt ended with down to its cause.',
      content: { 'application/json': { schema: runDetailSchema } },
    },
    ...problems(400, 401, 403, 404, 409, 503),
  },
});

/** `GET /api/runs/{run_id}` */
export function getRun(app: ApiApp, deps: RouteDeps): void {
  addRoute(app, 'runs:read', route, async (c) => {
    const caller = c.get('caller');
    const { run_id: runId } = c.req.valid('param');
    const run = (await findRuns([runId], findContext(c, deps))).get(runId);
    if (!run) throw new RunNotFound();
    return c.json(
      {
        ...runJson(run, caller.permissions.has('traces:read')),
        attempt_list: run.attempts.map(attemptJson),
      },
      200,
    );
  });
}
