import { createRoute, z } from '@hono/zod-openapi';
import { openBody } from '../deliver/body.ts';
import { readAhead } from '../deliver/read-ahead.ts';
import { findRun } from '../find-runs.ts';
import { streamMessage } from '../render/trace-stream.ts';
import { addRoute } from './add-route.ts';
import { findContext } from './env.ts';
import type { ApiApp, RouteDeps } from './env.ts';
import { namespaceQuery, problems, runIdParam } from './schemas.ts';

/** Typed loosely: the handler answers with a stream, not with a string. */
const message: Record<string, { schema: z.ZodString }> = {
  'text/plain; charset=utf-8': { schema: z.string() },
};

const route = createRoute({
  method: 'get',
  path: '/api/runs/{run_id}/message',
  summary: 'The whole error message',
  description:
    'For a run whose record has `error_message_truncated`: the message of what it ended with, byte ' +
    'for byte as it was recorded; empty where the run has none.',
  request: { params: runIdParam, query: z.object({ namespace: namespaceQuery }) },
  responses: {
    200: {
      description: 'The message. A connection that breaks means: not the whole message.',
      content: message,
    },
    ...problems(400, 401, 403, 404, 409, 503),
  },
});

/** `GET /api/runs/{run_id}/message` */
export function getMessage(app: ApiApp, deps: RouteDeps): void {
  addRoute(app, 'runs:read', route, async (c) => {
    const { run_id: runId } = c.req.valid('param');
    const context = findContext(c, deps);
    const { run } = await findRun(runId, c.req.valid('query').namespace, context);
    const { shown } = run;
    const headers = {
      'Content-Type': 'text/plain; charset=utf-8',
      'Content-Length': String(shown?.messageBytes ?? 0),
    };
    if (!shown || shown.messageBytes === 0) return new Response('', { headers });
    const { scope } = context;
    const body = await openBody(
      async (signal) =>
        deps.freeing(await readAhead(streamMessage(shown, { reader: deps.reader, scope, signal }))),
      c.req.raw.signal,
      (err) => deps.logger.error({ err, route: route.path }, 'A message broke off in mid-stream'),
    );
    return new Response(body, { headers });
  });
}
