import { askSeldom } from '@failtrace/contract/server';
import { createRoute, z } from '@hono/zod-openapi';
import type { ApiApp, RouteDeps } from './env.ts';
import { problems } from './schemas.ts';

/** Anybody may ask whether ClickHouse is there, so it is asked no more often than this. */
const READY_KEPT_MS = 1_000;

const alive = createRoute({
  method: 'get',
  path: '/healthz',
  summary: 'The process is alive',
  security: [],
  responses: { 200: { description: 'It is.', content: statusJson('ok') } },
});

const ready = createRoute({
  method: 'get',
  path: '/readyz',
  summary: 'ClickHouse answers and has the tables',
  security: [],
  responses: { 200: { description: 'It does.', content: statusJson('ready') }, ...problems(503) },
});

function statusJson<Status extends string>(status: Status) {
  return { 'application/json': { schema: z.object({ status: z.literal(status) }) } };
}

/**
 * What operators and their probes ask. `/healthz`: the process is alive. `/readyz`: ClickHouse
 * answers and the tables are there; 503 otherwise; an answer may be a second old. `/openapi.json`: the description of this API.
 */
export function operations(app: ApiApp, deps: RouteDeps): void {
  app.openAPIRegistry.registerComponent('securitySchemes', 'bearer', {
    type: 'http',
    scheme: 'bearer',
  });
  app.openAPIRegistry.registerComponent('securitySchemes', 'apiKey', {
    type: 'apiKey',
    in: 'header',
    name: 'X-API-Key',
  });
  app.openapi(alive, (c) => c.json({ status: 'ok' as const }, 200));
  const askReady = askSeldom(async () => deps.reader.ready(), READY_KEPT_MS);
  app.openapi(ready, async (c) => {
    await askReady();
    return c.json({ status: 'ready' as const }, 200);
  });
  app.get('/openapi.json', (c) => c.json(openApiDocument(app)));
}

function openApiDocument(app: ApiApp) {
  return app.getOpenAPI31Document({
    openapi: '3.1.0',
    info: {
      title: 'failtrace',
      version: '1',
      description: 'From a failed run to its complete failure trace as a text file.',
      license: { name: 'Apache-2.0' },
    },
    servers: [{ url: '/' }],
    security: [{ bearer: [] }, { apiKey: [] }, {}],
  });
}
