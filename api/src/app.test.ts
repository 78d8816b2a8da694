import { randomBytes } from 'node:crypto';
import { isRunId, PROBLEM_CODES } from '@failtrace/contract';
import type { Logger } from '@failtrace/contract/server';
import * as fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { startStallableProxy } from '../../collector-plugin/testing/stallable-proxy.ts';
import { createApp } from './app.ts';
import { createApiKey, createApiKeyGuard } from './authorise/api-keys.ts';
import type { KeyGrant } from './authorise/api-keys.ts';
import { loopbackGuard } from './authorise/loopback.ts';
import { createReadClient } from './clickhouse-client.ts';
import { createReader } from './read/reader.ts';
import type { ApiApp } from './routes/env.ts';
import { ago, createTestDatabase, failedRun, failure, runSpan } from './testing/database.ts';
import type { TestDatabase } from './testing/database.ts';

const everything: KeyGrant = {
  permissions: ['runs:read', 'traces:read'],
  namespaces: '*',
  services: '*',
};

/** A log that keeps its errors in a list. */
function loggerInto(logged: unknown[]): Logger {
  return { info() {}, warn() {}, error: (...line) => logged.push(line) };
}

const json = { 'Content-Type': 'application/json' };

let database: TestDatabase;
let app: ApiApp;

beforeAll(async () => {
  database = await createTestDatabase();
  app = createApp({ reader: createReader(database.readClient), guard: loopbackGuard });
});
afterAll(() => database.drop());

async function get(path: string, init?: RequestInit, from = app) {
  const response = await from.request(path, init);
  return { status: response.status, headers: response.headers, body: await response.json() };
}

function lookup(ids: unknown, from = app, headers: Record<string, string> = json) {
  return get(
    '/api/runs/lookup',
    { method: 'POST', headers, body: JSON.stringify({ run_ids: ids }) },
    from,
  );
}

describe('a run', () => {
  const stackText = 'Error: Lager leer: äöü 💥\n    at reserve (stock.js:4:11)\n';

  it('comes back from the list, the detail, the look-up and the download', async () => {
    await database.write(
      failedRun('run/1 ä', {
        message: 'Lager leer: äöü 💥',
        type: 'Error',
        stackText,
        service: 'stock',
      }),
    );
    const run = {
      run_id: 'run/1 ä',
      status: 'failed',
      namespace: 'shop',
      service: 'stock',
      name: 'place order',
      started_at: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
      ended_at: expect.stringMatching(/Z$/),
      attempts: 1,
      error_type: 'Error',
      error_message: 'Lager leer: äöü 💥',
      error_message_truncated: false,
      fingerprint: expect.stringMatching(/^[0-9a-f]{16}$/),
      incomplete: false,
      failures_left_out: 0,
      trace: {
        available: true,
        reason: null,
        url: '/api/runs/run%2F1%20%C3%A4/trace?namespace=shop',
        bytes: Buffer.byteLength(stackText),
        truncated: false,
        upstream_truncated: false,
        masked: false,
        expires_at: expect.stringMatching(/Z$/),
      },
    };
    expect((await get('/api/runs?service=stock')).body).toEqual({ runs: [run], next_cursor: null });
    expect((await lookup(['run/1 ä'])).body).toEqual({ runs: [run] });
    expect((await get('/api/runs/run%2F1%20%C3%A4')).body).toMatchObject({
      ...run,
      attempt_list: [
        {
          attempt: 1,
          status: 'failed',
          trace_id: expect.stringMatching(/^[0-9a-f]{32}$/),
          failures: [
            { error_type: 'Error', handled: false, source: 'span_event', bytes: run.trace.bytes },
          ],
        },
      ],
    });
    const download = await app.request(run.trace.url);
    expect(await download.text()).toBe(stackText);
  });

  it('is pending when it has only just failed, and then not recorded', async () => {
    await database.write({
      runSpans: [runSpan({ runId: 'just now', endedAt: ago(0) }), runSpan({ runId: 'long ago' })],
    });
    const { body } = await lookup(['just now', 'long ago']);
    expect(body.runs.map((run: { trace: unknown }) => run.trace)).toMatchObject([
      { available: false, reason: 'pending', url: null, bytes: null },
      { available: false, reason: 'not_recorded' },
    ]);
    expect(await get('/api/runs/just%20now/trace')).toMatchObject({
      status: 404,
      body: { code: 'trace_not_available', reason: 'pending' },
    });
  });

  it('is expired, and silent, once its time is over', async () => {
    await database.write(failedRun('over', { message: 'secret' }));
    const future = createApp({
      reader: createReader(database.readClient),
      guard: loopbackGuard,
      clock: () => Date.now() + 31 * 86_400_000,
    });
    const run = await get('/api/runs/over', {}, future);
    expect(JSON.stringify(run.body)).not.toContain('secret');
    expect(run.body).toMatchObject({
      status: 'failed',
      trace: { available: false, reason: 'expired' },
    });
    expect(await get('/api/runs/over/trace', {}, future)).toMatchObject({
      status: 404,
      body: { code: 'trace_not_available', reason: 'expired' },
    });
  });

  it('counts the stack that an SDK cut', async () => {
    await database.write(failedRun('cut', { cutUpstream: true }));
    expect((await get('/api/runs/cut')).body.trace.upstream_truncated).toBe(true);
  });
});

describe('the look-up', () => {
  it('answers one run for each id, in the order asked', async () => {
    await database.write(failedRun('known'));
    const { body } = await lookup(['nobody', 'known', 'nobody']);
    expect(
      body.runs.map((run: { run_id: string; status: string }) => [run.run_id, run.status]),
    ).toEqual([
      ['nobody', 'unknown'],
      ['known', 'failed'],
      ['nobody', 'unknown'],
    ]);
    expect(body.runs[0].trace).toMatchObject({ available: false, reason: 'not_recorded' });
  });

  it('takes 500 ids of the worst kind', async () => {
    const ids = Array.from({ length: 500 }, (_, index) => `${index}${"'".repeat(250)}`);
    const { status, body } = await lookup(ids);
    expect(status).toBe(200);
    expect(body.runs).toHaveLength(500);
  });

  it.each([
    ['no ids', JSON.stringify({ run_ids: [] }), json, 400, 'invalid_request'],
    ['501 ids', JSON.stringify({ run_ids: Array(501).fill('a') }), json, 400, 'invalid_request'],
    ['an empty id', JSON.stringify({ run_ids: [''] }), json, 400, 'invalid_request'],
    ['a long id', JSON.stringify({ run_ids: ['x'.repeat(257)] }), json, 400, 'invalid_request'],
    ['a control character', JSON.stringify({ run_ids: ['a\u0000'] }), json, 400, 'invalid_request'],
    ['half a character', '{"run_ids":["\\ud800"]}', json, 400, 'invalid_request'],
    ['a number', JSON.stringify({ run_ids: [1] }), json, 400, 'invalid_request'],
    ['no object', '[]', json, 400, 'invalid_request'],
    ['no JSON', '{"run_ids":', json, 400, 'invalid_request'],
    [
      'a text',
      '{"run_ids":["a"]}',
      { 'Content-Type': 'text/plain' },
      415,
      'unsupported_media_type',
    ],
    ['no content type', Buffer.from('{"run_ids":["a"]}'), {}, 415, 'unsupported_media_type'],
    [
      'a huge body',
      JSON.stringify({ run_ids: ['a'], x: 'x'.repeat(262_144) }),
      json,
      413,
      'payload_too_large',
    ],
  ])('refuses %s', async (_, body, headers, status, code) => {
    expect(await get('/api/runs/lookup', { method: 'POST', headers, body })).toMatchObject({
      status,
      body: { code, status },
    });
  });
});

describe('a run id in a path', () => {
  it('may be anything that is a run id', async () => {
    const runId = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 40 });
    await fc.assert(
      // A URL swallows path segments of one or two dots, even when they are encoded.
      fc.asyncProperty(
        runId.filter((id) => isRunId(id) && !/^\.{1,2}$/.test(id)),
        async (id) => {
          await database.write({ runSpans: [runSpan({ runId: id })] });
          const { body } = await get(`/api/runs/${encodeURIComponent(id)}`);
          expect(body.run_id).toBe(id);
        },
      ),
      { numRuns: 25 },
    );
  });

  it.each([
    ['..%2F..%2Fetc%2Fpasswd', 404, 'run_not_found'],
    ['%2e%2e%2fetc', 404, 'run_not_found'],
    ['"%27%3B%20DROP%20TABLE%20failures%20--', 404, 'run_not_found'],
    ['%F0%9F%92%A5', 404, 'run_not_found'],
    ['x'.repeat(256), 404, 'run_not_found'],
    ['%F0%9F%92%A5'.repeat(256), 404, 'run_not_found'],
    ['x'.repeat(257), 400, 'invalid_request'],
    ['%00', 400, 'invalid_request'],
    ['a%0d%0aSet-Cookie:%20x', 400, 'invalid_request'],
    ['%7F', 400, 'invalid_request'],
    ['%C2%85', 400, 'invalid_request'],
    ['%zz', 400, 'invalid_request'],
    ['%', 400, 'invalid_request'],
    ['%E0%A4', 400, 'invalid_request'],
    ['%ff', 400, 'invalid_request'],
  ])('%s answers %s %s', async (id, status, code) => {
    for (const path of [`/api/runs/${id}`, `/api/runs/${id}/trace`]) {
      expect(await get(path)).toMatchObject({ status, body: { code } });
    }
  });
});

describe('the list', () => {
  it.each([
    'limit=0',
    'limit=501',
    'limit=-1',
    'limit=1.5',
    'limit=',
    'limit=1&limit=2',
    'status=broken',
    'status=failed,',
    'since=yesterday',
    'since=2026-01-01',
    'until=2026-02-30T00:00:00',
    `q=${'x'.repeat(201)}`,
    'cursor=',
    'cursor=forged',
    `cursor=${Buffer.from('["1"]').toString('base64url')}`,
  ])('refuses ?%s', async (query) => {
    expect(await get(`/api/runs?${query}`)).toMatchObject({
      status: 400,
      body: { code: 'invalid_request', detail: expect.stringContaining(query.split('=')[0] ?? '') },
    });
  });

  it('goes from page to page', async () => {
    const namespace = 'pages';
    for (let index = 0; index < 5; index += 1) {
      await database.write(
        failedRun(`p${index}`, { namespace, endedAt: ago(60_000 * (index + 1)) }),
      );
    }
    const first = await get('/api/runs?namespace=pages&limit=2');
    expect(first.body.runs.map((run: { run_id: string }) => run.run_id)).toEqual(['p0', 'p1']);
    const second = await get(`/api/runs?namespace=pages&limit=3&cursor=${first.body.next_cursor}`);
    expect(second.body.runs.map((run: { run_id: string }) => run.run_id)).toEqual([
      'p2',
      'p3',
      'p4',
    ]);
    expect(second.body.next_cursor).toBeNull();
  });

  it('narrows by every filter', async () => {
    const endedAt = BigInt(Date.parse('2026-01-02T03:04:05.678Z')) * 1_000_000n;
    await database.write(failedRun('filtered', { namespace: 'filters', endedAt, message: 'Übel' }));
    const count = async (query: string) =>
      (await get(`/api/runs?namespace=filters&${query}`)).body.runs.length;
    expect(await count('status=all&service=orders&q=%C3%BCBEL')).toBe(1);
    expect(
      await count('since=2026-01-02T04:04:05.678%2B01:00&until=2026-01-02T03:04:05.679Z'),
    ).toBe(1);
    expect(await count('until=2026-01-02T03:04:05.678Z')).toBe(0);
    expect(await count('since=2026-01-02T03:04:05.679Z')).toBe(0);
    expect(await count('status=ok,unknown')).toBe(0);
    expect(await count('service=other')).toBe(0);
  });
});

describe('errors', () => {
  it.each([
    ['GET', '/', 404, 'not_found'],
    ['GET', '/api', 404, 'not_found'],
    ['GET', '/api/runs/', 404, 'not_found'],
    ['GET', '/api/runs/a/b', 404, 'not_found'],
    ['GET', '/api/runs/a/trace/', 404, 'not_found'],
    ['POST', '/api/runs', 405, 'method_not_allowed'],
    ['DELETE', '/api/runs/a', 405, 'method_not_allowed'],
    ['PUT', '/api/runs/a/trace', 405, 'method_not_allowed'],
    ['POST', '/healthz', 405, 'method_not_allowed'],
    ['GET', '/api/runs/nobody', 404, 'run_not_found'],
    ['GET', '/api/runs/nobody/trace', 404, 'run_not_found'],
  ])('%s %s is a problem: %s %s', async (method, path, status, code) => {
    const { headers, body } = await get(path, { method });
    expect(headers.get('Content-Type')).toBe('application/problem+json');
    expect(headers.get('X-Content-Type-Options')).toBe('nosniff');
    expect(headers.get('Allow')).toBe(status === 405 ? 'GET, HEAD' : null);
    expect(body).toMatchObject({ type: 'about:blank', status, code, instance: path });
    expect(body.detail).toMatch(/\w/);
  });

  it('tell nothing of a fault of the program itself, but log it', async () => {
    const logged: unknown[] = [];
    const broken = createApp({
      reader: createReader(database.readClient),
      guard: async () => Promise.reject(new Error('secret')),
      logger: loggerInto(logged),
    });
    const { status, body } = await get('/api/runs', {}, broken);
    expect(status).toBe(500);
    expect(body).toMatchObject({ code: 'internal' });
    expect(JSON.stringify(body)).not.toContain('secret');
    expect(logged).toMatchObject([
      [
        {
          method: 'GET',
          route: '/api/runs',
          err: { code: 'internal', cause: { message: 'secret' } },
        },
        'A request failed',
      ],
    ]);
  });

  it('are not logged when it was the client that left', async () => {
    const leaving = new AbortController();
    const logged: unknown[] = [];
    const watched = createApp({
      reader: createReader(database.readClient),
      guard: loopbackGuard,
      logger: loggerInto(logged),
    });
    const response = watched.request('/api/runs/any', { signal: leaving.signal });
    leaving.abort();
    expect((await response).status).toBe(503);
    expect(logged).toEqual([]);
  });

  it('of the storage say when to try again, and neither SQL nor password', async () => {
    const client = createReadClient({
      ...database.address,
      url: 'http://127.0.0.1:1',
      password: 'hunter2',
    });
    const away = createApp({ reader: createReader(client), guard: loopbackGuard });
    for (const path of ['/api/runs', '/api/runs/a', '/api/runs/a/trace', '/readyz']) {
      const { status, headers, body } = await get(path, {}, away);
      expect([status, headers.get('Retry-After'), body.code]).toEqual([
        503,
        '5',
        'storage_unavailable',
      ]);
      expect(JSON.stringify(body)).not.toMatch(/hunter2|SELECT|127/);
    }
    expect((await get('/healthz', {}, away)).status).toBe(200);
    await client.close();
  });
});

describe('operations', () => {
  it('says that it is alive and ready', async () => {
    expect(await get('/healthz')).toMatchObject({ status: 200, body: { status: 'ok' } });
    expect(await get('/readyz')).toMatchObject({ status: 200, body: { status: 'ready' } });
  });

  it('asks ClickHouse once for all who want to know whether it is there', async () => {
    let asked = 0;
    const reader = createReader(database.readClient);
    const counted = createApp({
      reader: { ...reader, ready: async () => (asked++, reader.ready()) },
      guard: loopbackGuard,
    });
    const ask = async () => (await counted.request('/readyz')).status;
    expect(await Promise.all(Array.from({ length: 100 }, ask))).toEqual(Array(100).fill(200));
    expect(await ask()).toBe(200);
    expect(asked).toBe(1);
  });

  it('notices soon that ClickHouse hangs', async () => {
    const proxy = await startStallableProxy(database.url);
    const client = createReadClient({ ...database.address, url: proxy.url });
    onTestFinished(async () => {
      await client.close();
      await proxy.close();
    });
    const hanging = createApp({ reader: createReader(client), guard: loopbackGuard });
    proxy.stall();
    expect((await hanging.request('/readyz')).status).toBe(503);
    // Far less than the 15 s that a query may take, so that no probe gives up before.
  }, 10_000);

  it('describes every route', async () => {
    const { body } = await get('/openapi.json');
    expect(body.openapi).toBe('3.1.0');
    expect(Object.keys(body.paths).toSorted()).toEqual([
      '/api/runs',
      '/api/runs/lookup',
      '/api/runs/{run_id}',
      '/api/runs/{run_id}/message',
      '/api/runs/{run_id}/trace',
      '/healthz',
      '/readyz',
    ]);
    const texts = {
      '/api/runs/{run_id}/trace': 'traces:read',
      '/api/runs/{run_id}/message': 'runs:read',
    };
    for (const [path, permission] of Object.entries(texts)) {
      expect(Object.keys(body.paths[path])).toEqual(['get', 'head']);
      for (const method of ['get', 'head']) {
        expect(body.paths[path][method]).toMatchObject({
          'x-permission': permission,
          description: expect.stringContaining(`\`${permission}\``),
          responses: { 401: {}, 403: {}, 404: {}, 409: {} },
        });
      }
    }
    expect(body.components.schemas.Problem.properties.code.enum).toEqual(PROBLEM_CODES);
  });
});

describe('pages of other origins', () => {
  const origin = 'https://ops.example.org';

  it('are let in when they are named, also to be refused in words, and only then', async () => {
    const open = createApp({
      reader: createReader(database.readClient),
      guard: createApiKeyGuard([createApiKey('ops', everything).entry]),
      corsOrigins: [origin],
    });
    const allowed = await open.request('/api/runs', { headers: { origin } });
    expect(allowed.status).toBe(401);
    expect(allowed.headers.get('Access-Control-Allow-Origin')).toBe(origin);

    const preflight = await open.request('/api/runs/lookup', {
      method: 'OPTIONS',
      headers: { origin, 'Access-Control-Request-Method': 'POST' },
    });
    expect(preflight.status).toBe(204);

    for (const other of ['https://evil.example', `${origin}.evil.example`, 'null']) {
      const refused = await open.request('/api/runs', { headers: { origin: other } });
      expect(refused.status).toBe(403);
      expect(refused.headers.get('Access-Control-Allow-Origin')).toBeNull();
    }
  });

  it.each([{ origin }, { 'Sec-Fetch-Site': 'cross-site' }, { 'Sec-Fetch-Site': 'same-site' }])(
    'are not let in by default: %j',
    async (headers) => {
      const { status, body } = await get('/api/runs', { headers });
      expect([status, body.code]).toEqual([403, 'forbidden']);
    },
  );
});

describe('every answer under /api/', () => {
  it.each(['/api/runs', '/api/runs/nobody', '/api/runs/nobody/trace', '/api/nothing', '/api/%zz'])(
    'stays where it is: %s',
    async (path) => {
      const { headers } = await get(path);
      expect(Object.fromEntries(headers)).toMatchObject({
        'cache-control': 'private, no-store',
        'cross-origin-resource-policy': 'same-origin',
        'referrer-policy': 'no-referrer',
        'x-content-type-options': 'nosniff',
      });
    },
  );
});

describe('callers', () => {
  const make = (grant: Partial<KeyGrant>) => {
    const { key, entry } = createApiKey('caller', { ...everything, ...grant });
    return { headers: { 'X-API-Key': key }, entry };
  };
  const everybody = make({});
  const noTraces = make({ permissions: ['runs:read'] });
  const noRuns = make({ permissions: ['traces:read'] });
  const ordersOnly = make({ services: ['orders'] });
  const noNamespace = make({ namespaces: [] });
  const noService = make({ services: [] });
  let guarded: ApiApp;

  beforeAll(async () => {
    const keys = [everybody, noTraces, noRuns, ordersOnly, noNamespace, noService].map(
      ({ entry }) => entry,
    );
    guarded = createApp({
      reader: createReader(database.readClient),
      guard: createApiKeyGuard(keys),
    });
    const trace = { traceId: randomBytes(16), namespace: 'a' };
    const below = failure({
      ...trace,
      service: 'payments',
      parentSpanId: randomBytes(8),
      message: 'secret',
    });
    await database.write({ ...failedRun('private', trace) });
    await database.write({ failures: [below] });
  });

  const paths = [
    '/api/runs',
    '/api/runs/private',
    '/api/runs/private/trace',
    '/api/runs/x/y',
    '/api/x',
    '/api',
    '/%61pi/x',
  ];

  it.each(paths)('need a key for %s', async (path) => {
    const { status, headers, body } = await get(path, {}, guarded);
    expect([status, body.code]).toEqual([401, 'unauthenticated']);
    expect(headers.get('WWW-Authenticate')).toBe('Bearer realm="failtrace"');
  });

  it('need none for what probes ask', async () => {
    expect((await get('/healthz', {}, guarded)).status).toBe(200);
    expect((await get('/openapi.json', {}, guarded)).status).toBe(200);
  });

  it('get what their key allows', async () => {
    const { status, body } = await get('/api/runs/private', everybody, guarded);
    expect([status, body.trace.available]).toEqual([200, true]);
  });

  it('without traces:read see runs, but no trace', async () => {
    const { body } = await get('/api/runs/private', noTraces, guarded);
    expect(body).toMatchObject({
      error_message: 'Order 4711 not found',
      trace: { available: false, reason: 'forbidden', url: null, bytes: null },
    });
    const known = await get('/api/runs/private/trace', noTraces, guarded);
    const unknown = await get('/api/runs/nobody/trace', noTraces, guarded);
    expect([known.status, known.body.code]).toEqual([403, 'forbidden']);
    expect({ ...unknown.body, instance: '' }).toEqual({ ...known.body, instance: '' });
  });

  it('without runs:read see no runs', async () => {
    expect((await get('/api/runs', noRuns, guarded)).status).toBe(403);
    expect((await get('/api/runs/private', noRuns, guarded)).status).toBe(403);
    expect((await lookup(['private'], guarded, { ...json, ...noRuns.headers })).status).toBe(403);
    expect((await guarded.request('/api/runs/private/trace', noRuns)).status).toBe(200);
  });

  it.each([
    ['namespace', noNamespace],
    ['service', noService],
  ])('see nothing with a scope of no %s', async (_, caller) => {
    expect((await get('/api/runs?status=all', caller, guarded)).body.runs).toEqual([]);
    for (const path of ['/api/runs/private', '/api/runs/private/trace']) {
      expect((await get(path, caller, guarded)).body.code).toBe('run_not_found');
    }
  });

  it('see of a run what belongs to their services', async () => {
    const { body } = await get('/api/runs/private', ordersOnly, guarded);
    expect(body.attempt_list[0].failures).toHaveLength(1);
    const text = await (await guarded.request('/api/runs/private/trace', ordersOnly)).text();
    expect(text).not.toContain('secret');
  });
});
