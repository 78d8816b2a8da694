import { randomBytes } from 'node:crypto';
import type { Failure } from '@failtrace/collector-plugin';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createApp } from './app.ts';
import { loopbackGuard } from './authorise/loopback.ts';
import { createReader } from './read/reader.ts';
import type { ApiApp } from './routes/env.ts';
import { ago, createTestDatabase, failure, runSpan } from './testing/database.ts';
import type { TestDatabase } from './testing/database.ts';

let database: TestDatabase;
let app: ApiApp;

beforeAll(async () => {
  database = await createTestDatabase();
  app = createApp({ reader: createReader(database.readClient), guard: loopbackGuard });
});
afterAll(() => database.drop());

/** Sends a run with its failures, as many times as a sender without an answer would. */
async function send(runId: string, times: number, failures: number, shared: Partial<Failure> = {}) {
  const trace = { traceId: randomBytes(16), endedAt: ago(60_000) };
  const root = { ...trace, spanId: randomBytes(8), runId };
  const records = {
    runSpans: [runSpan(root)],
    failures: Array.from({ length: failures }, (_, index) =>
      failure({
        ...trace,
        spanId: randomBytes(8),
        parentSpanId: root.spanId,
        message: `item ${String(index).padStart(6, '0')} is gone`,
        stackText: '',
        ...shared,
      }),
    ),
  };
  for (let time = 0; time < times; time += 1) await database.write(records);
}

async function detail(runId: string) {
  const { body, headers } = await read(`/api/runs/${runId}`);
  const run = JSON.parse(body);
  const text = await read(`/api/runs/${runId}/trace`);
  return {
    shown: run.attempt_list[0].failures.length,
    incomplete: run.incomplete,
    leftOut: run.failures_left_out,
    inText: text.body.match(/^===== failure /gm)?.length,
    header: text.headers.get('x-failtrace-failures-left-out'),
    lastLine: text.body.split('\n').at(-1),
    length: Number(text.headers.get('content-length')) - Buffer.byteLength(text.body),
    type: headers.get('content-type'),
  };
}

async function read(path: string) {
  const response = await app.request(path);
  expect(response.status).toBe(200);
  return { body: await response.text(), headers: response.headers };
}

const whole = (failures: number) => ({
  shown: failures,
  incomplete: false,
  leftOut: 0,
  inText: failures,
  header: null,
  length: 0,
});
const cut = (leftOut: number) => ({
  shown: 1_000,
  incomplete: true,
  leftOut,
  inText: 1_000,
  header: String(leftOut),
  lastLine: expect.stringMatching(new RegExp(`^===== ${leftOut} more failures`)),
  length: 0,
});

describe('failures that are sent again and again', () => {
  it.each([1, 3, 4, 9])('count once: 700 in one trace, sent %i times', async (times) => {
    await send(`again ${times}`, times, 700);
    expect(await detail(`again ${times}`)).toMatchObject(whole(700));
  });

  it('count once where a trace has more than is shown, and it is said how many are left out', async () => {
    await send('more', 3, 2_234);
    expect(await detail('more')).toMatchObject(cut(1_234));
  });

  it('count each where a coarse clock gives all of them one moment, of one span', async () => {
    const spanId = randomBytes(8);
    await send('coarse', 4, 800, { spanId });
    expect(await detail('coarse')).toMatchObject(whole(800));
    await send('coarse-more', 2, 2_500, { spanId });
    expect(await detail('coarse-more')).toMatchObject(cut(1_500));
  });

  it('do not grow the tables for good', async () => {
    const rows = async () => {
      const counts: number[] = [];
      for (const table of ['run_records', 'record_keys', 'stack_texts']) {
        await database.client.command({ query: `OPTIMIZE TABLE ${table} FINAL` });
        const result = await database.client.query({
          query: `SELECT toUInt32(count()) AS rows FROM ${table}`,
          format: 'JSONEachRow',
        });
        counts.push((await result.json<{ rows: number }>())[0]?.rows ?? 0);
      }
      return counts;
    };
    const [records = 0] = await rows();
    await send('grown', 5, 200, { stackText: Buffer.from('GrownError: at x') });
    const [recordsAfter, keysAfter] = await rows();
    expect(recordsAfter).toBe(records + 201);
    const [, keys] = await rows();
    expect(keys).toBe(keysAfter);
    const unique = await database.client.query({
      query: `SELECT toUInt32(count() - uniqExact(key, namespace, service, trace_key, second)) AS twice FROM record_keys`,
      format: 'JSONEachRow',
    });
    expect(await unique.json()).toEqual([{ twice: 0 }]);
  });
});
