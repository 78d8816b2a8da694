import { createRoute, z } from '@hono/zod-openapi';
import { bodyLimit } from 'hono/body-limit';
import { PayloadTooLarge } from '../errors.ts';
import { findRuns } from '../find-runs.ts';
import { runJson, unknownRunJson } from '../render/run-json.ts';
import { addRoute } from './add-route.ts';
import { findContext } from './env.ts';
import type { ApiApp, RouteDeps } from './env.ts';
import { problems, runIdSchema, runSchema } from './schemas.ts';

const maxBodyBytes = 262_144;

const route = createRoute({
  method: 'post',
  path: '/api/runs/lookup',
  summary: 'Many runs at once',
  middleware: bodyLimit({
    maxSize: maxBodyBytes,
    onError: () => {
      throw new PayloadTooLarge(`The body is larger than ${maxBodyBytes} bytes.`);
    },
  }),
  request: {
    body: {
      required: true,
      content: {
        'application/json': {
          schema: z.object({ run_ids: z.array(runIdSchema).min(1).max(500) }),
        },
      },
    },
  },
  responses: {
    200: {
      description:
        'One run for each id, in the order asked. An id that is unknown, or that the caller may ' +
        'not read, has the status `unknown`.',
      content: { 'application/json': { schema: z.object({ runs: z.array(runSchema) }) } },
    },
    ...problems(400, 401, 403, 413, 415, 503),
  },
});

/** `POST /api/runs/lookup` */
export function lookupRuns(app: ApiApp, deps: RouteDeps): void {
  addRoute(app, 'runs:read', route, async (c) => {
    const caller = c.get('caller');
    const { run_ids: runIds } = c.req.valid('json');
    const found = await findRuns([...new Set(runIds)], findContext(c, deps));
    const mayReadTraces = caller.permissions.has('traces:read');
    const runs = runIds.map((runId) => {
      const run = found.get(runId);
      return run ? runJson(run, mayReadTraces) : unknownRunJson(runId);
    });
    return c.json({ runs }, 200);
  });
}
