import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createApp } from './app.ts';
import { loopbackGuard } from './authorise/loopback.ts';
import { createReader } from './read/reader.ts';
import type { ApiApp } from './routes/env.ts';
import { ago, createTestDatabase, failedRun, failure, runSpan } from './testing/database.ts';
import type { TestDatabase } from './testing/database.ts';

let database: TestDatabase;
let app: ApiApp;

beforeAll(async () => {
  database = await createTestDatabase();
  app = createApp({ reader: createReader(database.readClient), guard: loopbackGuard });
});
afterAll(() => database.drop());

async function get(path: string, init: RequestInit = {}) {
  const response = await app.request(path, init);
  const text = await response.text();
  const isJson = /json/.test(response.headers.get('content-type') ?? '');
  return { status: response.status, text, body: isJson ? JSON.parse(text) : undefined };
}

function lookup(question: object) {
  const headers = { 'Content-Type': 'application/json' };
  return get('/api/runs/lookup', { method: 'POST', headers, body: JSON.stringify(question) });
}

/** Multiplies the failures of a run, each with a message as long as a row takes. */
async function flood(runId: string, copies: number): Promise<void> {
  const atOnce = 10_000;
  await database.client.command({
    query: `CREATE TABLE seed ENGINE = MergeTree ORDER BY at AS
      SELECT * FROM run_records WHERE run_id = '${runId}'`,
  });
  for (let from = 0; from < copies; from += atOnce) {
    await database.client.command({
      query: `INSERT INTO run_records
        SELECT f.* REPLACE (
          toFixedString(unhex(leftPad(hex(n.number + 1), 16, '0')), 8) AS span_id,
          repeat(char(97 + n.number % 26), 8192) AS error_message)
        FROM seed AS f CROSS JOIN numbers(${from}, ${atOnce}) AS n`,
    });
  }
}

describe('a tenant that floods the id of another one', () => {
  beforeAll(async () => {
    await database.write(
      failedRun('shared', { namespace: 'shop', message: 'no stock', stackText: 'shop: no stock' }),
    );
    // Seven traces of a thousand failures each, all of them later than the other tenant's.
    for (let trace = 0; trace < 7; trace += 1) {
      const own = { traceId: randomBytes(16), namespace: 'evil', endedAt: ago(20_000) };
      const failures = Array.from({ length: 1000 }, (_, index) =>
        failure({ ...own, message: `${trace} ${index}`, stackText: '' }),
      );
      await database.write({ runSpans: [runSpan({ ...own, runId: 'shared' })], failures });
    }
  });

  it('cannot make its failure vanish, from no view', async () => {
    const record = { namespace: 'shop', status: 'failed', error_message: 'no stock' };
    const { body } = await get('/api/runs?q=shared');
    expect(body.runs).toContainEqual(expect.objectContaining(record));
    expect((await get('/api/runs?namespace=shop')).body.runs).toMatchObject([record]);
    expect((await get('/api/runs/shared?namespace=shop')).body).toMatchObject(record);
    expect((await lookup({ run_ids: ['shared'], namespace: 'shop' })).body.runs).toMatchObject([
      record,
    ]);
    expect((await get('/api/runs/shared/trace?namespace=shop')).text).toBe('shop: no stock');
  });
});

describe('a tenant that sends the same again and again', () => {
  it('takes no room from another one in the same trace', async () => {
    const trace = { traceId: randomBytes(16), runId: 'again and again' };
    const evil = { ...trace, namespace: 'evil', spanId: randomBytes(8), endedAt: ago(20_000) };
    const flooded = {
      runSpans: Array.from({ length: 9000 }, () => runSpan({ ...evil, status: 1 })),
      failures: Array.from({ length: 9000 }, () => failure({ ...evil, stackText: '' })),
    };
    await database.write(flooded);
    const own = { ...trace, namespace: 'shop', spanId: randomBytes(8), message: 'mine' };
    await database.write({
      runSpans: [runSpan(own)],
      failures: [failure({ ...own, stackText: 'shop: mine' })],
    });
    const path = '/api/runs/again%20and%20again';
    expect((await get(`${path}?namespace=shop`)).body).toMatchObject({ error_message: 'mine' });
    expect((await get(path)).body).toMatchObject({ namespaces: ['evil', 'shop'] });
    expect((await get(`${path}/trace?namespace=shop`)).text).toContain('shop: mine');
  });
});

describe('a tenant of thousands of attempts under the id of another one', () => {
  it('leaves the id ambiguous, and the run of the other one as it is', async () => {
    const attempts = Array.from({ length: 2600 }, () => randomBytes(16)).flatMap((traceId) =>
      Array.from({ length: 4 }, () =>
        runSpan({ traceId, runId: 'attempts', namespace: 'evil', status: 1, endedAt: ago(20_000) }),
      ),
    );
    await database.write({ runSpans: attempts });
    await database.write(failedRun('attempts', { namespace: 'shop', message: 'mine' }));
    expect((await get('/api/runs/attempts')).body).toMatchObject({
      code: 'ambiguous_run',
      namespaces: ['evil', 'shop'],
    });
    expect((await get('/api/runs/attempts?namespace=shop')).body).toMatchObject({
      error_message: 'mine',
    });
  });
});

describe('a tenant that makes up thousands of namespaces', () => {
  beforeAll(async () => {
    await database.write(failedRun('many', { namespace: 'shop', message: 'mine' }));
    const runSpans = Array.from({ length: 4000 }, (_, index) =>
      runSpan({
        runId: 'many',
        namespace: `evil ${index}`.padEnd(1000, 'x'),
        endedAt: ago(20_000),
      }),
    );
    await database.write({ runSpans });
  });

  it('hides no run, and makes no answer large', async () => {
    expect((await get('/api/runs/many?namespace=shop')).body).toMatchObject({
      error_message: 'mine',
    });
    const ambiguous = await get('/api/runs/many');
    expect(ambiguous).toMatchObject({ status: 409, body: { code: 'ambiguous_run' } });
    expect(ambiguous.text.length).toBeLessThan(30_000);
    const looked = await lookup({ run_ids: Array<string>(500).fill('many') });
    expect(looked.status).toBe(200);
    expect(looked.text.length).toBeLessThan(20_000_000);
    expect((await lookup({ run_ids: ['many'], namespace: 'shop' })).body.runs).toMatchObject([
      { status: 'failed' },
    ]);
  });
});

describe('a trace that somebody else names', () => {
  it('stays the run of the root that failed in it', async () => {
    const root = { traceId: randomBytes(16), spanId: randomBytes(8), namespace: 'shop' };
    const id = root.traceId.toString('hex');
    await database.write({
      runSpans: [runSpan({ ...root, runId: id })],
      failures: [failure({ ...root, message: 'mine', stackText: 'mine' })],
    });
    expect((await get(`/api/runs/${id}`)).status).toBe(200);
    await database.write({
      runSpans: [
        runSpan({
          traceId: root.traceId,
          parentSpanId: root.spanId,
          namespace: 'evil',
          runId: 'ev',
          status: 1,
        }),
      ],
    });
    expect((await get(`/api/runs/${id}`)).body).toMatchObject({
      namespace: 'shop',
      status: 'failed',
    });
    expect((await get(`/api/runs?q=${id}`)).body.runs).toMatchObject([{ namespace: 'shop' }]);
    expect((await get(`/api/runs/${id}/trace`)).text).toBe('mine');
  });
});

describe('a trace of thousands of spans without a root', () => {
  it('is named by the one that started first, however many ended later', async () => {
    const trace = { traceId: randomBytes(16), namespace: 'rootless', runId: 'rootless' };
    const inner = () => ({ ...trace, parentSpanId: randomBytes(8) });
    const runSpans = Array.from({ length: 3000 }, (_, index) =>
      runSpan({ ...inner(), status: 1, spanName: 'inner', endedAt: ago(60_000 + index) }),
    );
    const first = runSpan({
      ...inner(),
      spanName: 'first',
      startedAt: ago(600_000),
      endedAt: ago(90_000),
    });
    await database.write({ runSpans: [...runSpans, first] });
    expect((await get('/api/runs/rootless')).body).toMatchObject({
      name: 'first',
      status: 'failed',
    });
  });
});

describe('a search among runs that no span names', () => {
  it('finds them page by page, also by a failure that is not the last', async () => {
    for (let index = 0; index < 6; index += 1) {
      // The one that started first says where the run stands, the one that ended last what it shows.
      const trace = { traceId: randomBytes(16), namespace: 'search' };
      const inner = () => ({ ...trace, spanId: randomBytes(8), parentSpanId: randomBytes(8) });
      const [first, last] = [ago(90_000 + index * 1000), ago(60_000 + index * 1000)];
      await database.write({
        failures: [
          failure({ ...inner(), startedAt: ago(200_000), endedAt: first, message: 'hay' }),
          failure({ ...inner(), startedAt: ago(100_000), endedAt: last, message: 'the needle' }),
        ],
      });
    }
    const seen: string[] = [];
    let cursor = '';
    do {
      const { body } = await get(`/api/runs?namespace=search&q=needle&limit=1${cursor}`);
      seen.push(...body.runs.map((run: { run_id: string }) => run.run_id));
      cursor = body.next_cursor === null ? '' : `&cursor=${body.next_cursor}`;
    } while (cursor !== '');
    expect(new Set(seen).size).toBe(6);
    expect(seen).toHaveLength(6);
  });
});

describe('the longest names that there are', () => {
  it('are taken back as a cursor', async () => {
    const namespace = '\u0001'.repeat(1024);
    for (const runId of ['💥'.repeat(256), '\\'.repeat(256)]) {
      await database.write(failedRun(runId, { namespace }));
    }
    const pages = `/api/runs?namespace=${encodeURIComponent(namespace)}&limit=1`;
    const first = await get(pages);
    const second = await get(`${pages}&cursor=${first.body.next_cursor}`);
    expect(second.body.runs).toHaveLength(1);
    expect(second.body.runs[0].run_id).not.toBe(first.body.runs[0].run_id);
  });
});

// Last: each search above would look into all of these messages.
describe('a run of 200,000 failures with 8 KiB of message each', () => {
  beforeAll(async () => {
    await database.write(failedRun('endless', { namespace: 'flood' }));
    await database.write(failedRun('quiet', { namespace: 'flood' }));
    await flood('endless', 200_000);
  }, 300_000);

  it('leaves the list, the look-up and its own detail to everybody, and is marked', async () => {
    const list = await get('/api/runs?namespace=flood');
    expect(list.status).toBe(200);
    const marks = list.body.runs.map((run: Record<string, unknown>) => [
      run['run_id'],
      run['incomplete'],
    ]);
    expect(new Map(marks)).toEqual(
      new Map([
        ['endless', true],
        ['quiet', false],
      ]),
    );
    const looked = await lookup({ run_ids: ['endless', 'quiet'] });
    expect(looked.body.runs).toMatchObject([{ incomplete: true }, { incomplete: false }]);
    const detail = await get('/api/runs/endless');
    expect(detail).toMatchObject({ status: 200, body: { incomplete: true } });
  }, 120_000);
});
