import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createApp } from './app.ts';
import { permissions } from './authorise/caller.ts';
import { createReader } from './read/reader.ts';
import type { Scope } from './read/scope.ts';
import type { ApiApp } from './routes/env.ts';
import { apiRoutes } from './testing/api-routes.ts';
import { createTestDatabase, failedRun } from './testing/database.ts';
import type { TestDatabase } from './testing/database.ts';

/** Of one length, so that the answers may not differ in that either. */
const HIDDEN = 'run-hidden';
const ABSENT = 'run-absent';

const json = { 'Content-Type': 'application/json' };

function post(body: object): RequestInit {
  return { method: 'POST', headers: json, body: JSON.stringify(body) };
}

/** What one may ask a route about a run: paths, which are asked for by GET and HEAD, or bodies to post. */
type Questions = (runId: string) => { path: string; init?: RequestInit }[];

/** For every route under `/api/`; one that is missing here fails the first test. */
const questions: Record<string, Questions> = {
  'GET /api/runs': (id) => [
    { path: `/api/runs?status=all&q=${id}` },
    { path: `/api/runs?status=all&limit=1&q=${id}` },
    { path: `/api/runs?namespace=shop&service=orders&q=${id}` },
  ],
  'POST /api/runs/lookup': (id) => [
    { path: '/api/runs/lookup', init: post({ run_ids: [id] }) },
    { path: '/api/runs/lookup', init: post({ run_ids: [id, 'another', id] }) },
    { path: '/api/runs/lookup', init: post({ run_ids: [id], namespace: 'shop' }) },
  ],
  'GET /api/runs/:run_id': (id) => [
    { path: `/api/runs/${id}` },
    { path: `/api/runs/${id}?namespace=shop` },
    { path: `/api/runs/${id}?namespace=` },
  ],
  'GET /api/runs/:run_id/trace': (id) => [
    { path: `/api/runs/${id}/trace` },
    { path: `/api/runs/${id}/trace?namespace=shop` },
    { path: `/api/runs/${id}/trace?attempt=1&filename=a.txt` },
    { path: `/api/runs/${id}/trace?attempt=2` },
    { path: `/api/runs/${id}/trace?attempt=all&include=all` },
  ],
  'GET /api/runs/:run_id/message': (id) => [
    { path: `/api/runs/${id}/message` },
    { path: `/api/runs/${id}/message?namespace=shop` },
  ],
};

let database: TestDatabase;

beforeAll(async () => {
  database = await createTestDatabase();
  await database.write(failedRun(HIDDEN, { namespace: 'shop', service: 'orders' }));
});
afterAll(() => database.drop());

/** The application as somebody sees it who has all permissions, within a scope. */
function appFor(scope: Scope): ApiApp {
  const caller = { name: 'somebody', permissions: new Set(permissions), scope };
  return createApp({ reader: createReader(database.readClient), guard: async () => caller });
}

/** All that a caller learns from a route about a run, with the run's id taken out. */
async function answers(app: ApiApp, ask: Questions, runId: string): Promise<object[]> {
  const asked = ask(runId).flatMap(({ path, init }) =>
    init ? [{ path, init }] : ['GET', 'HEAD'].map((method) => ({ path, init: { method } })),
  );
  const told: object[] = [];
  for (const { path, init } of asked) {
    const response = await app.request(path, init);
    const all = { headers: [...response.headers], body: await response.text() };
    told.push({
      question: `${init.method} ${path}`.replaceAll(runId, '{run_id}'),
      status: response.status,
      told: JSON.stringify(all).replaceAll(runId, '{run_id}'),
    });
  }
  return told;
}

describe('a run that a caller may not see', () => {
  const strangers: Record<string, Scope> = {
    'another namespace': { namespaces: ['bank'], services: '*' },
    'another service': { namespaces: '*', services: ['payments'] },
    'no namespace at all': { namespaces: [], services: '*' },
  };

  it('is asked for below on every route under /api/', () => {
    const routes = apiRoutes(appFor({ namespaces: '*', services: '*' }));
    expect(routes.map(({ method, path }) => `${method} ${path}`).toSorted()).toEqual(
      Object.keys(questions).toSorted(),
    );
  });

  describe.each(Object.entries(questions))('at %s', (_, ask) => {
    it('is something else than a run that does not exist to who may see it', async () => {
      const owner = appFor({ namespaces: ['shop'], services: ['orders'] });
      expect(await answers(owner, ask, HIDDEN)).not.toEqual(await answers(owner, ask, ABSENT));
    });

    it.each(Object.entries(strangers))('is none to who has %s', async (__, scope) => {
      const stranger = appFor(scope);
      expect(await answers(stranger, ask, HIDDEN)).toEqual(await answers(stranger, ask, ABSENT));
    });
  });
});
