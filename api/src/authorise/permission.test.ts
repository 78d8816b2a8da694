import { createRoute } from '@hono/zod-openapi';
import { Hono } from 'hono';
import { beforeAll, describe, expect, it } from 'vitest';
import { createApp } from '../app.ts';
import { createReadClient } from '../clickhouse-client.ts';
import { createReader } from '../read/reader.ts';
import { addRoute } from '../routes/add-route.ts';
import type { ApiApp, ApiEnv } from '../routes/env.ts';
import { apiRoutes } from '../testing/api-routes.ts';
import { createApiKey, createApiKeyGuard } from './api-keys.ts';
import { permissions, type Permission } from './caller.ts';
import { assertPermissions, requirePermission } from './permission.ts';

const METHODS = ['GET', 'HEAD', 'OPTIONS', 'POST', 'PUT', 'PATCH', 'DELETE', 'PROPFIND'];

// Nothing listens there: whoever gets past the permission gets 503 or an error in the request.
const client = createReadClient({
  url: 'http://127.0.0.1:1',
  username: 'default',
  password: '',
  database: 'failtrace',
});

const keys = Object.fromEntries(
  permissions.map((permission) => [
    permission,
    createApiKey(permission, { permissions: [permission], namespaces: '*', services: '*' }),
  ]),
);

let app: ApiApp;
let description: Record<string, Record<string, { 'x-permission'?: Permission; responses: object }>>;

beforeAll(async () => {
  app = createApp({
    reader: createReader(client),
    guard: createApiKeyGuard(Object.values(keys).map(({ entry }) => entry)),
  });
  const document: unknown = await (await app.request('/openapi.json')).json();
  description = (document as { paths: typeof description }).paths;
});

async function ask(method: string, path: string, key?: string) {
  const headers = key === undefined ? {} : { Authorization: `Bearer ${key}` };
  const response = await app.request(path.replace(':run_id', 'run_1'), { method, headers });
  const text = await response.text();
  return { status: response.status, code: text && (JSON.parse(text) as { code: string }).code };
}

describe('every route under /api/', () => {
  it('is one of at least four', () => {
    expect(apiRoutes(app).length).toBeGreaterThanOrEqual(4);
  });

  it('tells nothing to a stranger, by any method, nor does a path without a route', async () => {
    const paths = [...apiRoutes(app).map(({ path }) => path), '/api', '/api/', '/api/nothing/here'];
    for (const path of paths) {
      for (const method of METHODS) {
        const { status } = await ask(method, path);
        expect({ method, path, status }).toEqual({ method, path, status: 401 });
      }
    }
  });

  it('needs the permission that its description names, before anything else', async () => {
    for (const { method, path } of apiRoutes(app)) {
      const described = path.replace(':run_id', '{run_id}');
      const operation = description[described]?.[method.toLowerCase()];
      const needed = operation?.['x-permission'];
      expect({ path, isNamed: permissions.some((name) => name === needed) }).toEqual({
        path,
        isNamed: true,
      });
      expect(Object.keys(operation?.responses ?? {})).toEqual(
        expect.arrayContaining(['401', '403']),
      );
      for (const held of permissions) {
        const { status, code } = await ask(method, path, keys[held]?.key);
        if (held === needed) expect([401, 403]).not.toContain(status);
        else expect({ path, status, code }).toEqual({ path, status: 403, code: 'forbidden' });
      }
    }
  });

  it('gives HEAD no more than GET', async () => {
    for (const { path } of apiRoutes(app).filter(({ method }) => method === 'GET')) {
      const refused: number[] = [];
      for (const { key } of Object.values(keys))
        refused.push((await ask('HEAD', path, key)).status);
      expect(refused).toContain(403);
    }
  });

  it('answers other methods with 405 and those that it knows', async () => {
    for (const { path } of apiRoutes(app)) {
      for (const method of ['OPTIONS', 'PUT', 'PATCH', 'DELETE', 'PROPFIND']) {
        const { status, code } = await ask(method, path, keys['runs:read']?.key);
        expect({ path, status, code }).toEqual({ path, status: 405, code: 'method_not_allowed' });
      }
    }
  });
});

describe('a route without a permission', () => {
  const route = createRoute({
    method: 'get',
    path: '/api/open',
    responses: { 200: { description: 'Open to everybody.' } },
  });

  it('does not compile', () => {
    // @ts-expect-error: the permission is missing
    const add = () => addRoute(app, route, (c) => c.text('open'));
    expect(add).toBeTypeOf('function');
  });

  it.each<[string, (app: Hono<ApiEnv>) => void]>([
    ['GET /api/open', (host) => host.get('/api/open', (c) => c.text('open'))],
    [
      'GET /api/open',
      (host) =>
        host.route(
          '/api',
          new Hono().get('/open', (c) => c.text('')),
        ),
    ],
    ['ALL /api/open', (host) => host.all('/api/open', (c) => c.text('open'))],
    ['GET /:any/open', (host) => host.get('/:any/open', (c) => c.text('open'))],
    ['GET /*', (host) => host.get('*', (c) => c.text('open'))],
    [
      'POST /api/open',
      (host) =>
        host
          .get('/api/open', requirePermission('runs:read'), (c) => c.text('read'))
          .post('/api/open', (c) => c.text('written')),
    ],
    [
      'GET /api/open',
      (host) => host.get('/api/open', (c) => c.text('too early'), requirePermission('runs:read')),
    ],
  ])('does not start: %s', (name, add) => {
    const host = new Hono<ApiEnv>();
    add(host);
    expect(() => assertPermissions(host)).toThrow(`The route ${name} demands no permission.`);
  });

  it('may stand elsewhere, and with one it may stand there', () => {
    const host = new Hono<ApiEnv>()
      .use('/api/*', async (_, next) => next())
      .get('/', (c) => c.text('a page'))
      .get('/apis/x', (c) => c.text('no API'))
      .get('/api/mine', requirePermission('runs:read'), (c) => c.text('mine'));
    expect(() => assertPermissions(host)).not.toThrow();
  });

  it('is behind the guard even when a host adds it later', async () => {
    const host = createApp({ reader: createReader(client), guard: createApiKeyGuard([]) });
    host.get('/api/mine', (c) => c.text('mine'));
    expect((await host.request('/api/mine')).status).toBe(401);
  });
});
