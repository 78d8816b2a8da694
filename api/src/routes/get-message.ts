import { createRoute, z } from '@hono/zod-openapi';
import { textResponse } from '../deliver/text-response.ts';
import { findRun } from '../find-runs.ts';
import { streamMessage } from '../render/trace-stream.ts';
import { addRoute, describeHead } from './add-route.ts';
import { findContext } from './env.ts';
import type { ApiApp, RouteDeps } from './env.ts';
import { namespaceQuery, plainText, problems, runIdParam } from './schemas.ts';

const route = createRoute({
  method: 'get',
  path: '/api/runs/{run_id}/message',
  summary: 'The whole error message',
  description:
    'For a run whose record has `error_message_truncated`: the message of what it ended with, byte ' +
    'for byte as it was recorded; empty where the run has none. HEAD answers the same headers.',
  request: { params: runIdParam, query: z.object({ namespace: namespaceQuery }) },
  responses: {
    200: {
      description: 'The message. A connection that breaks means: not the whole message.',
      content: plainText,
    },
    ...problems(400, 401, 403, 404, 409, 503),
  },
});

/** `GET` and `HEAD /api/runs/{run_id}/message` */
export function getMessage(app: ApiApp, deps: RouteDeps): void {
  addRoute(app, 'runs:read', route, async (c) => {
    const { run_id: runId } = c.req.valid('param');
    const context = findContext(c, deps);
    const { run } = await findRun(runId, c.req.valid('query').namespace, context);
    const { shown } = run;
    const { scope } = context;
    return textResponse(
      c.req.raw,
      {
        bytes: shown?.messageBytes ?? 0,
        open: (signal) => streamMessage(shown, { reader: deps.reader, scope, signal }),
      },
      { ...deps, route: route.path },
    );
  });
  describeHead(app, 'runs:read', route, 'The headers of the whole error message');
}
