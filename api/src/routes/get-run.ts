import { createRoute, z } from '@hono/zod-openapi';
import { findRun } from '../find-runs.ts';
import { attemptJson, runJson } from '../render/run-json.ts';
import { findLostTexts } from '../render/lost-texts.ts';
import { readMessageHeads } from '../render/shown-message.ts';
import { addRoute } from './add-route.ts';
import { findContext } from './env.ts';
import type { ApiApp, RouteDeps } from './env.ts';
import { namespaceQuery, problems, runDetailSchema, runIdParam } from './schemas.ts';

const route = createRoute({
  method: 'get',
  path: '/api/runs/{run_id}',
  summary: 'One run, its attempts and their failures',
  request: { params: runIdParam, query: z.object({ namespace: namespaceQuery }) },
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
    const context = findContext(c, deps);
    const { run } = await findRun(runId, c.req.valid('query').namespace, context);
    const failures = run.attempts.flatMap((attempt) => attempt.failures);
    const [heads, lost] = await Promise.all([
      readMessageHeads([run], context),
      findLostTexts(failures, new Map(), { ...context, reader: deps.reader }),
    ]);
    return c.json(
      {
        ...runJson(run, heads, caller.permissions.has('traces:read'), lost),
        attempt_list: run.attempts.map((attempt) => attemptJson(attempt, lost)),
      },
      200,
    );
  });
}
