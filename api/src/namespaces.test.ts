import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createApp } from './app.ts';
import { loopbackGuard } from './authorise/loopback.ts';
import type { Caller } from './authorise/caller.ts';
import { createReader } from './read/reader.ts';
import type { ApiApp } from './routes/env.ts';
import { ago, createTestDatabase, failedRun, failure, runSpan } from './testing/database.ts';
import type { TestDatabase } from './testing/database.ts';

let database: TestDatabase;
let everybody: ApiApp;
let bankOnly: ApiApp;

const bankClerk: Caller = {
  name: 'bank clerk',
  permissions: new Set(['runs:read', 'traces:read'] as const),
  scope: { namespaces: ['bank'], services: '*' },
};

beforeAll(async () => {
  database = await createTestDatabase();
  const reader = createReader(database.readClient);
  everybody = createApp({ reader, guard: loopbackGuard });
  bankOnly = createApp({ reader, guard: async () => bankClerk });
  await database.write(
    failedRun('twice', { namespace: 'shop', message: 'no stock', stackText: 'shop: no stock' }),
  );
  await database.write({
    runSpans: [runSpan({ runId: 'twice', namespace: 'bank', status: 1, endedAt: ago(30_000) })],
  });
  await database.write(
    failedRun('twice', {
      namespace: '',
      message: 'nobody’s',
      stackText: 'nobody’s',
      endedAt: ago(90_000),
    }),
  );
});
afterAll(() => database.drop());

async function get(path: string, app = everybody, init: RequestInit = {}) {
  const response = await app.request(path, init);
  const text = await response.text();
  return {
    status: response.status,
    name: response.headers.get('content-disposition'),
    text,
    body: /json/.test(response.headers.get('content-type') ?? '') ? JSON.parse(text) : undefined,
  };
}

function lookup(question: object, app = everybody) {
  const headers = { 'Content-Type': 'application/json' };
  return get('/api/runs/lookup', app, { method: 'POST', headers, body: JSON.stringify(question) });
}

describe('one run id in several namespaces', () => {
  it('is several runs in the list, each with its own end', async () => {
    const { body } = await get('/api/runs?status=all&q=twice');
    expect(
      body.runs.map((run: Record<string, unknown>) => [
        run['namespace'],
        run['status'],
        run['attempts'],
      ]),
    ).toEqual([
      ['bank', 'ok', 1],
      ['shop', 'failed', 1],
      ['', 'failed', 1],
    ]);
  });

  it('is listed page by page without loss, also where they ended at one moment', async () => {
    const endedAt = ago(3_600_000);
    const namespaces = ['a', 'b', 'c', 'd', 'e'];
    for (const namespace of namespaces) {
      await database.write(failedRun('same-moment', { namespace, endedAt }));
    }
    const seen: string[] = [];
    let cursor = '';
    do {
      const { body } = await get(`/api/runs?q=same-moment&limit=2${cursor}`);
      seen.push(...body.runs.map((run: { namespace: string }) => run.namespace));
      cursor = body.next_cursor === null ? '' : `&cursor=${body.next_cursor}`;
    } while (cursor !== '');
    // In a search those of one moment stand by their traces, which are random.
    expect(seen.toSorted()).toEqual(namespaces);
  });

  it.each(['', '/trace'])(
    'is ambiguous at /api/runs/{run_id}%s, which names them',
    async (rest) => {
      const { status, body } = await get(`/api/runs/twice${rest}`);
      expect(status).toBe(409);
      expect(body).toMatchObject({ code: 'ambiguous_run', namespaces: ['', 'bank', 'shop'] });
    },
  );

  it('is one run where a namespace picks, and may be the empty one', async () => {
    expect((await get('/api/runs/twice?namespace=bank')).body).toMatchObject({ status: 'ok' });
    expect((await get('/api/runs/twice?namespace=shop')).body).toMatchObject({
      status: 'failed',
      error_message: 'no stock',
    });
    expect((await get('/api/runs/twice?namespace=')).body).toMatchObject({
      namespace: '',
      error_message: 'nobody’s',
    });
    expect((await get('/api/runs/twice?namespace=elsewhere')).status).toBe(404);
  });

  it('has a text and a file name for each', async () => {
    const { body } = await get('/api/runs/twice?namespace=shop');
    const shop = await get(body.trace.url);
    expect(shop).toMatchObject({
      text: 'shop: no stock',
      name: 'attachment; filename="shop_twice_trace.txt"',
    });
    const nobody = await get('/api/runs/twice/trace?namespace=');
    expect(nobody).toMatchObject({
      text: 'nobody’s',
      name: 'attachment; filename="twice_trace.txt"',
    });
  });

  it('is not ambiguous to who may see but one of them', async () => {
    const { status, body } = await get('/api/runs/twice', bankOnly);
    expect(status).toBe(200);
    expect(body).toMatchObject({ namespace: 'bank', status: 'ok' });
    expect((await get('/api/runs/twice?namespace=shop', bankOnly)).status).toBe(404);
    expect((await lookup({ run_ids: ['twice'] }, bankOnly)).body.runs).toMatchObject([
      { namespace: 'bank', status: 'ok' },
    ]);
  });

  it('is told as ambiguous in a look-up, and picked there too', async () => {
    await database.write(failedRun('once', { namespace: 'bank' }));
    const { status, body } = await lookup({ run_ids: ['twice', 'once', 'none'] });
    expect(status).toBe(200);
    expect(body.runs).toMatchObject([
      {
        run_id: 'twice',
        status: 'unknown',
        namespaces: ['', 'bank', 'shop'],
        trace: { reason: 'ambiguous_run' },
      },
      { run_id: 'once', status: 'failed', namespace: 'bank' },
      { run_id: 'none', status: 'unknown', trace: { reason: 'not_recorded' } },
    ]);
    expect((await lookup({ run_ids: ['twice'], namespace: 'shop' })).body.runs).toMatchObject([
      { namespace: 'shop', error_message: 'no stock' },
    ]);
  });
});

describe('a trace through several namespaces', () => {
  const trace = { traceId: randomBytes(16) };
  const root = { ...trace, spanId: randomBytes(8), namespace: 'shop' };
  const below = {
    ...trace,
    spanId: randomBytes(8),
    parentSpanId: root.spanId,
    namespace: 'bank',
    service: 'vault',
  };

  beforeAll(() =>
    database.write({
      runSpans: [runSpan({ ...root, runId: 'through' })],
      failures: [
        failure({ ...root, message: 'outer', stackText: 'outer' }),
        failure({ ...below, message: 'inner', stackText: 'inner' }),
      ],
    }),
  );

  it('is one run, of the topmost span’s namespace, and its text has all of them', async () => {
    const { body } = await get('/api/runs?q=through');
    expect(body.runs).toMatchObject([{ run_id: 'through', namespace: 'shop' }]);
    const { text } = await get('/api/runs/through/trace');
    expect(text).toMatch(/^===== failure 1 of 2 .*\nouter\n===== failure 2 of 2 .*\ninner$/);
  });

  it('is, to who may see the inner one alone, a run under the id of its trace on every route', async () => {
    const id = trace.traceId.toString('hex');
    expect((await get('/api/runs/through', bankOnly)).status).toBe(404);
    expect((await get(`/api/runs?q=${id}`, bankOnly)).body.runs).toMatchObject([
      { run_id: id, namespace: 'bank' },
    ]);
    expect((await get(`/api/runs/${id}`, bankOnly)).body).toMatchObject({ namespace: 'bank' });
    expect((await get(`/api/runs/${id}/trace`, bankOnly)).text).toBe('inner');
  });

  it('is no run under its bare id to who may see the run that it belongs to, on any route', async () => {
    const id = trace.traceId.toString('hex');
    expect((await get(`/api/runs?q=${id}`)).body.runs).toEqual([]);
    expect((await get(`/api/runs/${id}`)).status).toBe(404);
    expect((await get(`/api/runs/${id}/trace`)).status).toBe(404);
    expect((await lookup({ run_ids: [id] })).body.runs).toMatchObject([{ status: 'unknown' }]);
  });
});

describe('what a caller may not see', () => {
  it('cannot be found out by a search, nor by whether there is another page', async () => {
    await database.write(
      failedRun('vault', { namespace: 'shop', message: 'the password is swordfish' }),
    );
    const { body } = await get('/api/runs?status=all&limit=1&q=swordfish', bankOnly);
    expect(body).toEqual({ runs: [], next_cursor: null });
  });

  it('does not make a run of the caller’s own turn up in a search', async () => {
    const shared = { traceId: randomBytes(16) };
    const own = { ...shared, spanId: randomBytes(8), namespace: 'bank', runId: 'own' };
    await database.write({
      runSpans: [runSpan(own)],
      failures: [
        failure({ ...own, message: 'plain' }),
        failure({ ...shared, namespace: 'shop', message: 'tunafish' }),
      ],
    });
    const { body } = await get('/api/runs?status=all&q=tunafish', bankOnly);
    expect(body).toEqual({ runs: [], next_cursor: null });
  });
});
