import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type { ClickHouseClient } from '@clickhouse/client';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { startStallableProxy } from '../../testing/stallable-proxy.ts';
import { attributeNames, DEFAULT_RUN_ID_ATTRIBUTES } from '../decode/attribute-names.ts';
import { decoders } from '../decode/decoders.ts';
import { extract } from '../extract/extract.ts';
import type { Extracted, Failure } from '../extract/failure.ts';
import { spanMatters } from '../extract/span-rule.ts';
import { createStoreClient } from './client.ts';
import { migrate } from './migrate.ts';
import { traceKey } from './record-key.ts';
import { createStore } from './store.ts';

const url = inject('clickhouseUrl');
const database = `ft_store_${randomBytes(6).toString('hex')}`;
let client: ClickHouseClient;
beforeAll(async () => {
  client = createStoreClient({ url, database });
  const admin = createStoreClient({ url });
  await migrate({ client: admin, database });
  await admin.close();
});
afterAll(async () => {
  await client.command({ query: `DROP DATABASE ${database}` });
  await client.close();
});

async function rows<T>(query: string): Promise<T[]> {
  return (await client.query({ query, format: 'JSONEachRow' })).json<T>();
}

function failure(overrides: Partial<Failure> = {}): Failure {
  return {
    traceId: randomBytes(16),
    spanId: randomBytes(8),
    parentSpanId: Buffer.alloc(0),
    runId: Buffer.from('run_1'),
    namespace: Buffer.from('shop'),
    service: Buffer.from('orders'),
    spanName: Buffer.from('place order'),
    startedAt: 1_700_000_000_000_000_001n,
    endedAt: 1_700_000_001_000_000_002n,
    occurredAt: 1_700_000_000_500_000_003n,
    source: 1,
    status: 2,
    handled: false,
    outcome: false,
    cutUpstream: false,
    droppedEvents: 0,
    type: Buffer.from('OrderError'),
    message: Buffer.from('Order 4711 not found'),
    stackText: Buffer.from('OrderError: Order 4711 not found\n    at place (orders.js:1:2)'),
    ...overrides,
  };
}

function extracted(failures: Failure[]): Extracted {
  return { failures, runSpans: [], rejected: { items: 0, message: '' } };
}

const chunksThatAreThere = `SELECT toUInt32(uniqExact(chunk)) AS chunks FROM stack_texts
  WHERE text_hash IN (SELECT text_hash FROM stack_texts WHERE content LIKE 'Gone: %')
    OR chunk = 1 AND content LIKE 'xxxx%'`;

describe('the store', () => {
  it('keeps every column of a failure, and its text without the message', async () => {
    const store = createStore({ client, retentionMs: 3_600_000 });
    const one = failure();
    await store.write(extracted([one]));
    const [row] = await rows(
      `SELECT lower(hex(span_id)) AS span, run_id, namespace, service, span_name, error_type,
         error_message, toString(at - toIntervalNanosecond(occurred_before)) AS occurred, hex(template_form) AS template_form, cuts, source, handled
       FROM run_records WHERE trace_id = unhex('${one.traceId.toString('hex')}')`,
    );
    expect(row).toEqual({
      span: one.spanId.toString('hex'),
      run_id: 'run_1',
      namespace: 'shop',
      service: 'orders',
      span_name: 'place order',
      error_type: 'OrderError',
      error_message: 'Order 4711 not found',
      occurred: '2023-11-14 22:13:20.500000003',
      template_form: '291900',
      cuts: [],
      source: 'span_event',
      handled: false,
    });
    const texts = await rows<{ content: string }>(
      `SELECT content FROM stack_texts WHERE text_hash IN (SELECT text_hash FROM run_records WHERE trace_id = unhex('${one.traceId.toString('hex')}'))`,
    );
    expect(texts).toEqual([{ content: 'OrderError: \n    at place (orders.js:1:2)' }]);
    await store.close();
  });

  it('writes a text once, however many failures share it', async () => {
    const store = createStore({ client, retentionMs: 3_600_000 });
    const stackText = (order: number) =>
      Buffer.from(`Shared: Order ${order} is gone\n    at shared (x.js:1:1)`);
    const many = (from: number) =>
      Array.from({ length: 50 }, (_, index) =>
        failure({
          message: Buffer.from(`Order ${from + index} is gone`),
          stackText: stackText(from + index),
        }),
      );
    await store.write(extracted(many(0)));
    await store.write(extracted(many(100)));
    await store.close();
    const [count] = await rows<{ n: number }>(
      `SELECT count() AS n FROM stack_texts WHERE content LIKE 'Shared: %'`,
    );
    expect(count).toEqual({ n: 1 });
  });

  it.each([
    ['the table was emptied', 'TRUNCATE TABLE stack_texts'],
    ['a partition was dropped', 'ALTER TABLE stack_texts DROP PARTITION ID {partition:String}'],
    ['one chunk was deleted', 'DELETE FROM stack_texts WHERE chunk = 1'],
    ['the table was made anew', 'CREATE OR REPLACE TABLE stack_texts AS stack_texts'],
  ])('writes a text again when it is gone: %s', async (_, query) => {
    const store = createStore({ client, retentionMs: 3_600_000 });
    const one = () => failure({ stackText: Buffer.from(`Gone: ${'x'.repeat(70_000)}`) });
    await store.write(extracted([one()]));
    const [{ partition } = { partition: '' }] = await rows<{ partition: string }>(
      `SELECT max(partition_id) AS partition FROM system.parts WHERE active AND database = '${database}' AND table = 'stack_texts'`,
    );
    await client.command({
      query,
      query_params: { partition },
      clickhouse_settings: { mutations_sync: '2' },
    });
    const [before] = await rows<{ chunks: number }>(chunksThatAreThere);
    expect(before?.chunks).toBeLessThan(2);
    await store.write(extracted([one()]));
    expect(await rows(chunksThatAreThere)).toEqual([{ chunks: 2 }]);
    await store.close();
  });

  it('stores what a real SDK sent', async () => {
    const body = await readFile(
      new URL('../../testdata/js-sdk-0.301-one-exception.bin', import.meta.url),
    );
    const store = createStore({ client, retentionMs: 3_600_000 });
    const runIdNames = attributeNames(DEFAULT_RUN_ID_ATTRIBUTES);
    const decoded = decoders.traces.protobuf(body, { runIdNames, keep: spanMatters });
    const records = extract(decoded, { nowMs: Date.now() });
    await store.write(records);
    await store.close();
    const traceId = records.failures[0]?.traceId.toString('hex') ?? '';
    const [run] = await rows<{ run_id: string; status: string }>(
      `SELECT run_id, status FROM run_records WHERE trace_id = unhex('${traceId}')`,
    );
    expect(run).toMatchObject({ status: 'error', run_id: expect.stringMatching(/^run_/) });
  });

  it('says that the storage is unavailable, and why, when ClickHouse refuses', async () => {
    const elsewhere = createStoreClient({ url, database: 'no_such_database' });
    const store = createStore({ client: elsewhere, retentionMs: 3_600_000 });
    await expect(store.write(extracted([failure()]))).rejects.toMatchObject({
      code: 'storage_unavailable',
      cause: expect.objectContaining({ message: expect.stringContaining('no_such_database') }),
    });
    await store.close();
    await elsewhere.close();
  });

  it('gives up when ClickHouse accepts a batch and never answers', async () => {
    const proxy = await startStallableProxy(url);
    const hanging = createStoreClient({ url: proxy.url, database });
    const store = createStore({
      client: hanging,
      retentionMs: 3_600_000,
      maxInFlight: 1,
      insertTimeoutMs: 300,
    });
    proxy.stall();
    const first = store.write(extracted([failure()]));
    const closed = store.close();
    await expect(first).rejects.toMatchObject({ code: 'storage_unavailable' });
    await closed;
    await hanging.close();
    await proxy.close();
  });

  it('refuses what would not fit into memory, and keeps what it has taken', async () => {
    const store = createStore({ client, retentionMs: 3_600_000, maxPendingBytes: 1 });
    const first = store.write(extracted([failure()]));
    expect(store.isFull()).toBe(true);
    await expect(store.write(extracted([failure()]))).rejects.toMatchObject({ code: 'overloaded' });
    await first;
    await store.close();
    await expect(store.write(extracted([failure()]))).rejects.toMatchObject({ code: 'overloaded' });
  });

  it('lets rows and texts expire by TTL', async () => {
    // The text outlives the failure by days, so the clock stands as many days ago.
    const daysAgo = 3 * 86_400_000;
    const store = createStore({
      client,
      retentionMs: 1_000,
      now: () => Date.now() - daysAgo,
    });
    const text = Buffer.from(`Expired: ${randomBytes(8).toString('hex')}\n    at x`);
    const gone = failure({ stackText: text, type: Buffer.from('Expired') });
    for (const table of ['run_records', 'record_keys', 'stack_texts']) {
      await client.command({ query: `SYSTEM STOP MERGES ${table}` });
    }
    const runSpan = { ...gone, status: 2 as const, statusMessage: Buffer.alloc(0) };
    await store.write({ ...extracted([gone]), runSpans: [runSpan] });
    await store.close();
    const traceId = gone.traceId.toString('hex');
    const counts = () =>
      rows(
        `SELECT (SELECT count() FROM run_records WHERE trace_id = unhex('${traceId}')) AS records,
           (SELECT count() FROM record_keys WHERE key = ${traceKey(gone.traceId)}) AS keys,
           (SELECT count() FROM stack_texts WHERE content LIKE 'Expired: %') AS texts`,
      );
    expect(await counts()).toEqual([{ records: 1, keys: 1, texts: 1 }]);
    for (const table of ['run_records', 'record_keys', 'stack_texts']) {
      await client.command({ query: `SYSTEM START MERGES ${table}` });
      await client.command({
        query: `ALTER TABLE ${table} MODIFY SETTING merge_with_ttl_timeout = 0`,
      });
    }
    await expect
      .poll(counts, { timeout: 20_000, interval: 200 })
      .toEqual([{ records: 0, keys: 0, texts: 0 }]);
  });
});
