import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { request } from 'node:http';
import type { IncomingMessage } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { gunzipSync } from 'node:zlib';
import { TemplateForm } from '@failtrace/collector-plugin/schema';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createApp } from './app.ts';
import { loopbackGuard } from './authorise/loopback.ts';
import { createReader } from './read/reader.ts';
import type { ApiApp } from './routes/env.ts';
import { startApi } from './server.ts';
import type { RunningApi } from './server.ts';
import { ago, createTestDatabase, failedRun, failure, runSpan } from './testing/database.ts';
import type { TestDatabase } from './testing/database.ts';

const chunkBytes = 65_536;

let database: TestDatabase;
let app: ApiApp;
let api: RunningApi;
const logged: string[] = [];

beforeAll(async () => {
  database = await createTestDatabase();
  app = createApp({
    reader: createReader(database.readClient),
    guard: loopbackGuard,
    logger: { info() {}, warn() {}, error: (_, message) => logged.push(message) },
  });
  api = await startApi({ app, host: '127.0.0.1', port: 0 });
});
afterAll(async () => {
  await api.close();
  await database.drop();
});

/** Asks on a connection of its own. */
async function ask(path: string, headers = {}, method = 'GET'): Promise<IncomingMessage> {
  const sent = request(`${api.url}${path}`, { method, headers, agent: false });
  sent.end();
  const [response] = (await once(sent, 'response')) as [IncomingMessage];
  return response;
}

async function lengthOf(response: IncomingMessage): Promise<number> {
  return (await buffer(response)).length;
}

/** A stack text of many chunks, with the message in several places. */
function longText(message: string): string {
  const frames = Array.from(
    { length: 20_000 },
    (_, line) => `    at frame${line} (file.js:${line}:1)\n`,
  );
  return [`Error: ${message}\n`, ...frames, `Caused by: ${message}\n`, ...frames, message].join('');
}

/** A failed run with a text of so many chunks, made inside ClickHouse. */
async function hugeRun(runId: string, chunks: number): Promise<void> {
  const hash = randomBytes(16).toString('hex');
  const form = new TemplateForm().packed(chunks * chunkBytes);
  const { runSpans, failures } = failedRun(runId, { message: '', stackText: runId });
  await database.write({ runSpans, failures });
  await database.client.command({
    query: `INSERT INTO run_records SELECT * REPLACE (
        unhex('${hash}') AS text_hash, unhex('${form.toString('hex')}') AS template_form,
        [] AS cuts)
      FROM run_records WHERE run_id = '${runId}'`,
  });
  await database.client.command({
    query: `INSERT INTO stack_texts
      SELECT unhex('${hash}'), number, randomString(${chunkBytes}),
        (SELECT toDateTime(toDate(max(expires_at)) + 2, 'UTC') FROM run_records WHERE run_id = '${runId}')
      FROM numbers(${chunks})`,
  });
  await database.client.command({
    query: `DELETE FROM run_records WHERE run_id = '${runId}' AND text_hash != unhex('${hash}')`,
    clickhouse_settings: { mutations_sync: '2' },
  });
}

/** Picks the texts of one run alone: the other tests of this file have theirs in the same table. */
const textsOf = (runId: string) =>
  `text_hash IN (SELECT text_hash FROM run_records WHERE run_id = '${runId}')`;

async function runningQueries(): Promise<number> {
  const result = await database.client.query({
    query: `SELECT count() AS count FROM system.processes
      WHERE current_database = currentDatabase() AND query LIKE '%RawBLOB%' AND NOT query LIKE '%processes%'`,
    format: 'JSONEachRow',
  });
  const [row] = await result.json<{ count: string }>();
  return Number(row?.count);
}

describe('a download', () => {
  const message = 'Bestellung "4711" nicht gefunden: 💥';
  const stackText = longText(message);

  beforeAll(() => database.write(failedRun('run_long', { message, stackText })));

  it('is what was recorded, byte for byte', async () => {
    const response = await ask('/api/runs/run_long/trace');
    expect(response.headers).toMatchObject({
      'content-type': 'text/plain; charset=utf-8',
      'content-length': String(Buffer.byteLength(stackText)),
      'content-disposition': 'attachment; filename="run_long_trace.txt"',
      'cache-control': 'private, no-store',
      'x-content-type-options': 'nosniff',
      vary: 'Accept-Encoding',
    });
    expect((await buffer(response)).equals(Buffer.from(stackText))).toBe(true);
  });

  it('is the same in gzip', async () => {
    const response = await ask('/api/runs/run_long/trace', { 'accept-encoding': 'gzip, br' });
    expect(response.headers['content-encoding']).toBe('gzip');
    expect(response.headers['content-length']).toBeUndefined();
    expect(gunzipSync(await buffer(response)).equals(Buffer.from(stackText))).toBe(true);
  });

  it.each([
    ['run_long/trace', {}],
    ['run_long/trace', { 'accept-encoding': 'gzip' }],
    ['run_long/trace?filename=a.txt', {}],
    ['nobody/trace', {}],
    ['run_long/trace?attempt=2', {}],
    ['run_long/trace?filename=..', {}],
  ])('has the same headers by HEAD: %s %j', async (path, headers) => {
    const head = await ask(`/api/runs/${path}`, headers, 'HEAD');
    const get = await ask(`/api/runs/${path}`, headers);
    expect((await buffer(head)).length).toBe(0);
    await buffer(get);
    expect(head.statusCode).toBe(get.statusCode);
    const { date: _, 'transfer-encoding': __, ...headHeaders } = head.headers;
    expect(get.headers).toMatchObject(headHeaders);
    if (head.statusCode === 200 && !('accept-encoding' in headers)) {
      expect(head.headers['content-length']).toBe(get.headers['content-length']);
    }
  });

  it.each([
    ['?filename=run_x.txt', 'attachment; filename="run_x.txt"'],
    ['?filename=-.log', 'attachment; filename="-.log"'],
  ])('is named by %s', async (query, disposition) => {
    const response = await ask(`/api/runs/run_long/trace${query}`, {}, 'HEAD');
    expect(response.headers['content-disposition']).toBe(disposition);
  });

  const unsafe = ['a/b.txt', '..', '.x.txt', 'a%0d%0aX:y.txt', '%22.txt', 'x'.repeat(197) + '.txt'];
  const noText = ['', 'x', 'x.html', 'x.bat', 'x.hta', 'x.txt.exe', 'con', 'con.txt', 'LPT1.log'];

  it.each([...unsafe, ...noText])('refuses to be named %s', async (filename) => {
    const response = await ask(`/api/runs/run_long/trace?filename=${filename}`, {}, 'HEAD');
    expect(response.statusCode).toBe(400);
  });

  it.each(['attempt=0', 'attempt=-1', 'attempt=one', 'attempt=1.5', 'include=some', 'include='])(
    'refuses ?%s',
    async (query) => {
      expect((await ask(`/api/runs/run_long/trace?${query}`)).statusCode).toBe(400);
    },
  );
});

describe('a download of several failures', () => {
  it('has the outcome first and the cause below it, as long as it says', async () => {
    const traceId = randomBytes(16);
    const run = { traceId, runId: 'several', spanId: randomBytes(8), service: 'web' };
    const below = { traceId, service: 'stock', parentSpanId: run.spanId };
    const cause = failure({ ...below, message: 'no stock', stackText: longText('no stock') });
    const handled = failure({ ...below, message: 'retried', handled: true });
    await database.write({
      runSpans: [runSpan(run)],
      failures: [handled, cause, failure({ ...run, runId: '' })],
    });

    const response = await ask('/api/runs/several/trace');
    const text = (await buffer(response)).toString();
    expect(response.headers['content-length']).toBe(String(Buffer.byteLength(text)));
    expect(text.match(/^===== failure .*/gm)).toMatchObject([
      expect.stringContaining('failure 1 of 2 | service: web'),
      expect.stringContaining('failure 2 of 2 | service: stock'),
    ]);
    expect(text).toContain(
      '=====\nOrderError: Order 4711 not found\n    at place (orders.js:1:2)\n=====',
    );
    expect(text.endsWith(`=====\n${longText('no stock')}`)).toBe(true);

    const all = await ask('/api/runs/several/trace?include=all');
    expect((await buffer(all)).toString().match(/^===== failure .*/gm)).toHaveLength(3);
  });

  it('has every attempt when asked', async () => {
    await database.write(
      failedRun('again', { message: 'first', stackText: '1: first', endedAt: ago(90_000) }),
    );
    await database.write(failedRun('again', { message: 'second', stackText: '2: second' }));
    const text = async (query: string) =>
      (await buffer(await ask(`/api/runs/again/trace${query}`))).toString();
    expect(await text('')).toBe('2: second');
    expect(await text('?attempt=1')).toBe('1: first');
    expect(JSON.parse(await text('?attempt=3'))).toMatchObject({
      code: 'trace_not_available',
      reason: 'not_recorded',
      detail: 'This run has 2 attempts.',
    });
    expect(await text('?attempt=all')).toMatch(
      /attempt 2 .*\n2: second\n.*attempt 1 .*\n1: first$/,
    );
  });
});

describe('a download that cannot be whole', () => {
  const codings = [{}, { 'accept-encoding': 'gzip' }];

  it.each(codings)('breaks the connection when bytes fall short: %j', async (headers) => {
    const runId = `short${JSON.stringify(headers).length}`;
    await hugeRun(runId, 400);
    await database.client.command({
      query: `DELETE FROM stack_texts WHERE chunk = 399 AND ${textsOf(runId)}`,
      clickhouse_settings: { mutations_sync: '2' },
    });
    logged.length = 0;
    const response = await ask(`/api/runs/${runId}/trace`, headers);
    expect(response.statusCode).toBe(200);
    await expect(lengthOf(response)).rejects.toThrow('aborted');
    expect(response.complete).toBe(false);
    expect(logged).toEqual(['A text broke off in mid-stream']);
  });

  it.each(codings)('breaks the connection when bytes are left over: %j', async (headers) => {
    const runId = `long${JSON.stringify(headers).length}`;
    await hugeRun(runId, 400);
    await database.client.command({
      query: `INSERT INTO stack_texts SELECT * REPLACE (400 AS chunk) FROM stack_texts
        WHERE stack_texts.chunk = 1 AND ${textsOf(runId)}`,
    });
    const response = await ask(`/api/runs/${runId}/trace`, headers);
    await expect(lengthOf(response)).rejects.toThrow('aborted');
  });

  it.each(codings)('breaks the connection when the query is killed: %j', async (headers) => {
    const runId = `killed${JSON.stringify(headers).length}`;
    await hugeRun(runId, 800);
    const response = await ask(`/api/runs/${runId}/trace`, headers);
    response.pause();
    await once(response, 'readable');
    await database.client.command({
      query: `KILL QUERY WHERE current_database = currentDatabase() AND query LIKE '%RawBLOB%' ASYNC`,
    });
    const received: Buffer[] = [];
    await expect(async () => {
      for await (const chunk of response) received.push(chunk as Buffer);
    }).rejects.toThrow('aborted');
    expect(Buffer.concat(received).includes('DB::Exception')).toBe(false);
  });

  it('is refused while there is still a status to do it with', async () => {
    await database.write(
      failedRun('gone', { stackText: `${'x'.repeat(40_000)} Order 4711 not found` }),
    );
    await database.client.command({
      query: `ALTER TABLE stack_texts UPDATE content = substring(content, 1, 30000)
        WHERE ${textsOf('gone')}`,
      clickhouse_settings: { mutations_sync: '2' },
    });
    const response = await ask('/api/runs/gone/trace');
    expect(response.statusCode).toBe(503);
    expect(JSON.parse((await buffer(response)).toString())).toMatchObject({
      code: 'storage_unavailable',
    });
  });
});

describe('a failure whose text is not stored any more', () => {
  const json = async (path: string) =>
    JSON.parse((await buffer(await ask(path))).toString()) as Record<string, never>;
  const why =
    '===== the stack text of this failure cannot be given: it is not in the storage any more =====';

  async function lose(runId: string): Promise<void> {
    await database.client.command({
      query: `DELETE FROM stack_texts WHERE ${textsOf(runId)} OR text_hash IN (
        SELECT message_hash FROM run_records WHERE run_id = '${runId}')`,
      clickhouse_settings: { mutations_sync: '2' },
    });
  }

  it('tells its type, its message and why', async () => {
    await database.write(failedRun('lost', { stackText: 'Lost: Order 4711 not found\n  at lost' }));
    expect(await json('/api/runs/lost')).toMatchObject({
      attempt_list: [{ failures: [{ text_lost: false }] }],
    });
    await lose('lost');
    const text = `OrderError: Order 4711 not found\n${why}`;
    for (const method of ['GET', 'HEAD']) {
      const response = await ask('/api/runs/lost/trace', {}, method);
      expect(response.statusCode).toBe(200);
      expect(response.headers).toMatchObject({
        'content-length': String(text.length),
        'x-failtrace-texts-lost': '1',
      });
      expect((await buffer(response)).toString()).toBe(method === 'GET' ? text : '');
    }
    expect(await json('/api/runs/lost')).toMatchObject({
      error_message: 'Order 4711 not found',
      trace: { available: true, bytes: text.length },
      attempt_list: [{ failures: [{ text_lost: true }] }],
    });
  });

  it('tells the beginning of a message that is lost as well', async () => {
    const message = 'm'.repeat(10_000);
    await database.write(failedRun('lost long', { message, stackText: `E: ${message}\n  at x` }));
    await lose('lost long');
    const body = (await buffer(await ask('/api/runs/lost%20long/trace'))).toString();
    expect(body).toMatch(
      /^OrderError: m{8192}\n===== the stack text, and the rest of the message of/,
    );
  });

  it('leaves the others of its run whole', async () => {
    const run = failedRun('half lost', { stackText: 'Half lost: at x' });
    const [own] = run.failures;
    const cause = {
      traceId: own?.traceId ?? '',
      parentSpanId: own?.spanId ?? '',
      endedAt: ago(70_000),
    };
    await database.write(run);
    await lose('half lost');
    await database.write({
      failures: [failure({ ...cause, type: 'Cause', message: '', stackText: 'Cause: whole' })],
    });
    const body = (await buffer(await ask('/api/runs/half%20lost/trace'))).toString();
    expect(body.split('\n')).toEqual([
      expect.stringMatching(/^===== failure 1 of 2/),
      'OrderError: Order 4711 not found',
      why,
      expect.stringMatching(/^===== failure 2 of 2/),
      'Cause: whole',
    ]);
  });
});

/** More than any buffer between ClickHouse and the client takes. */
const longMessage = 'm'.repeat(20_000_000);

describe('a message', () => {
  beforeAll(() =>
    database.write(failedRun('run_spoken', { message: longMessage, stackText: 'E' })),
  );

  it('has the same headers by HEAD, which opens nothing', async () => {
    const path = '/api/runs/run_spoken/message';
    const get = await ask(path);
    get.destroy();
    await expect.poll(runningQueries).toBe(0);
    for (let time = 0; time < 40; time += 1) {
      const { statusCode, headers } = await ask(path, {}, 'HEAD');
      expect(statusCode).toBe(200);
      expect(headers).toMatchObject({
        'content-type': 'text/plain; charset=utf-8',
        'content-length': String(longMessage.length),
        vary: 'Accept-Encoding',
      });
      const { date: _, ...others } = headers;
      expect(get.headers).toMatchObject(others);
    }
    expect(await runningQueries()).toBe(0);
  });

  it('comes in gzip to who wants it', async () => {
    const headers = { 'accept-encoding': 'gzip' };
    const response = await ask('/api/runs/run_spoken/message', headers);
    expect(response.headers['content-encoding']).toBe('gzip');
    expect(response.headers['content-length']).toBeUndefined();
    expect(gunzipSync(await buffer(response)).toString() === longMessage).toBe(true);
    const head = await ask('/api/runs/run_spoken/message', headers, 'HEAD');
    expect(head.headers['content-encoding']).toBe('gzip');
  });
});

describe('a client that leaves', () => {
  const routes = ['trace', 'message'];
  const codings = [{}, { 'accept-encoding': 'gzip' }];
  const cases = routes.flatMap((route) => codings.map((headers) => ({ route, headers })));

  beforeAll(() =>
    database.write(failedRun('left', { message: longMessage, stackText: longMessage })),
  );

  it.each(cases)('ends the query: %j', async ({ route, headers }) => {
    logged.length = 0;
    const response = await ask(`/api/runs/left/${route}`, headers);
    response.pause();
    await once(response, 'readable');
    expect(await runningQueries()).toBe(1);
    response.destroy();
    await expect.poll(runningQueries).toBe(0);
    expect(logged).toEqual([]);
  });

  it.each(cases)('ends it also before the first byte: %j', async ({ route, headers }) => {
    const response = await app.request(`/api/runs/left/${route}`, { headers });
    expect(await runningQueries()).toBe(1);
    await response.body?.cancel();
    await expect.poll(runningQueries).toBe(0);
  });

  it.each(cases)('ends it also before the response: %j', async ({ route, headers }) => {
    const leaving = new AbortController();
    const response = app.request(`/api/runs/left/${route}`, { headers, signal: leaving.signal });
    await expect.poll(runningQueries, { interval: 1 }).toBe(1);
    leaving.abort();
    await response;
    await expect.poll(runningQueries).toBe(0);
    expect(logged).toEqual([]);
  });
});
