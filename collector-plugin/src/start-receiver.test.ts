import { randomBytes } from 'node:crypto';
import { request } from 'node:http';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import type { ClickHouseClient } from '@clickhouse/client';
import {
  createKey,
  requireClickHouseAddress,
  type ClickHouseAddress,
  type Listening,
} from '@failtrace/contract/server';
import {
  afterAll,
  afterEach,
  beforeAll,
  describe,
  expect,
  inject,
  it,
  onTestFinished,
} from 'vitest';
import { failedSpan } from '../testing/failed-span.ts';
import { startStallableProxy, type StallableProxy } from '../testing/stallable-proxy.ts';
import { longMessage } from '../testing/packed-requests.ts';
import { worstBodies } from '../testing/worst-bodies.ts';
import { readReceiverSettings, type ReceiverSettings } from './settings.ts';
import { openReceiver, startReceiver, type Receiver } from './start-receiver.ts';
import { createStoreClient } from './store/client.ts';

const MEBIBYTE = 2 ** 20;
const JSON_TYPE = 'application/json';
const address: ClickHouseAddress = {
  ...requireClickHouseAddress({ CLICKHOUSE_URL: inject('clickhouseUrl') }),
  database: `ft_receiver_${randomBytes(6).toString('hex')}`,
};
let client: ClickHouseClient;
beforeAll(() => {
  client = createStoreClient(address);
});
afterAll(async () => {
  await client.command({ query: `DROP DATABASE IF EXISTS ${address.database}` });
  await client.close();
});

const silent = { info() {}, warn() {}, error() {} };
let logged: Record<string, unknown>[] = [];
let receiver: Listening | undefined;
afterEach(async () => {
  await receiver?.close();
  receiver = undefined;
  logged = [];
});

async function start(
  settings: Partial<ReceiverSettings> = {},
  clickhouse: ClickHouseAddress = address,
): Promise<Listening> {
  const logger = {
    info() {},
    warn() {},
    error: (fields: Record<string, unknown>) => void logged.push(fields),
  };
  const defaults = readReceiverSettings({ FAILTRACE_OTLP_PORT: '0' });
  receiver = await startReceiver({ ...defaults, ...settings }, clickhouse, logger);
  return receiver;
}

async function startProxy(): Promise<StallableProxy> {
  const proxy = await startStallableProxy(address.url);
  onTestFinished(() => proxy.close());
  return proxy;
}

function post(body: BodyInit, headers: Record<string, string> = {}): Promise<Response> {
  return fetch(`${receiver?.url}/v1/traces`, {
    method: 'POST',
    body,
    headers: { 'content-type': JSON_TYPE, ...headers },
  });
}

async function namespacesOf(traceId: string): Promise<string[]> {
  const query = `SELECT namespace FROM run_records WHERE trace_id = unhex('${traceId}')`;
  const result = await client.query({ query, format: 'JSONEachRow' });
  return (await result.json<{ namespace: string }>()).map(({ namespace }) => namespace);
}

describe('the receiver with its worker thread', () => {
  it('answers 200 when ClickHouse has it', async () => {
    await start();
    for (const [coding, pack] of Object.entries({
      identity: (body: string) => body,
      gzip: gzipSync,
      zstd: zstdCompressSync,
    })) {
      const { traceId, body } = failedSpan();
      const response = await post(pack(body), { 'content-encoding': coding });
      expect([response.status, await response.text()]).toEqual([200, '{}']);
      expect(await namespacesOf(traceId)).toEqual(['shop']);
    }
  });

  it('takes a body in many pieces', async () => {
    await start();
    const { traceId, body } = failedSpan({ message: randomBytes(2 * MEBIBYTE).toString('hex') });
    expect((await post(body)).status).toBe(200);
    expect(await namespacesOf(traceId)).toHaveLength(1);
  });

  it('stores under the namespace that the key pins, whatever the sender says', async () => {
    const { key, entry } = createKey('bank');
    await start({ auth: { mode: 'api-key', keys: [{ ...entry, namespace: 'bank' }] } });
    const { traceId, body } = failedSpan({ namespace: 'shop' });
    expect((await post(body)).status).toBe(401);
    expect(await namespacesOf(traceId)).toEqual([]);
    expect((await post(body, { 'x-api-key': key })).status).toBe(200);
    expect(await namespacesOf(traceId)).toEqual(['bank']);
  });

  it('tells the sender what is wrong with a body, across the thread', async () => {
    await start();
    const response = await post('{"resourceSpans": 7}');
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({
      code: 3,
      message: expect.stringContaining('resourceSpans'),
    });
    expect(logged).toEqual([]);
  });

  it('answers others while it decodes the worst that it may be sent', async () => {
    const maxBodyBytes = 100 * MEBIBYTE;
    await start({ maxBodyBytes, maxBufferedBytes: 4 * maxBodyBytes });
    const worst = worstBodies.find(({ name }) => name === 'empty attributes');
    const answered: string[] = [];
    const sent = request(`${receiver?.url}/v1/traces`, {
      method: 'POST',
      headers: { 'content-type': JSON_TYPE, 'content-encoding': 'gzip' },
    });
    const done = new Promise<void>((resolve, reject) => {
      sent.on('error', reject).on('response', (response) => {
        answered.push('worst');
        response.resume().on('end', resolve);
      });
    });
    sent.end(gzipSync(worst?.make(maxBodyBytes - MEBIBYTE) ?? ''));
    while (!answered.includes('worst')) {
      await (await fetch(`${receiver?.url}/healthz`)).text();
      answered.push('healthz');
    }
    await done;
    // In one thread two can slip in before the body is looked at, and the rest wait for its end.
    expect(answered.indexOf('worst')).toBeGreaterThan(10);
  });

  it('refuses what does not fit while ClickHouse hangs, and stores what it has taken', async () => {
    const proxy = await startProxy();
    await start({ maxBufferedBytes: 64 * MEBIBYTE }, { ...address, url: proxy.url });
    proxy.stall();
    const packed = new Uint8Array(longMessage(19 * MEBIBYTE).packed);
    const statuses: number[] = [];
    const all = Array.from({ length: 40 }, async () => {
      const response = await post(packed, { 'content-encoding': 'gzip' });
      statuses.push(response.status);
      if (response.status !== 200) expect(response.headers.get('retry-after')).toMatch(/^\d+$/);
      await response.arrayBuffer();
    });
    // One is held, and its rows are all that may wait; the others are answered while it does.
    await expect.poll(() => statuses, { timeout: 30_000 }).toHaveLength(39);
    expect(new Set(statuses)).toEqual(new Set([429]));
    proxy.resume();
    await Promise.all(all);
    expect(statuses.at(-1)).toBe(200);
  });

  it.each([1, 3])('stores what is under way before it ends (workers: %i)', async (workers) => {
    const proxy = await startProxy();
    await start({ workers }, { ...address, url: proxy.url });
    proxy.stall();
    const sent = Array.from({ length: 6 }, () => failedSpan());
    const answers = sent.map(({ body }) => post(body));
    await expect.poll(() => fetch(`${receiver?.url}/healthz`).then(({ ok }) => ok)).toBe(true);
    await new Promise((resolve) => setTimeout(resolve, 100));
    const closed = receiver?.close();
    receiver = undefined;
    proxy.resume();
    const statuses = (await Promise.all(answers)).map(({ status }) => status);
    expect(new Set(statuses)).toEqual(new Set([200]));
    await closed;
    for (const { traceId } of sent) expect(await namespacesOf(traceId)).toHaveLength(1);
  });

  it('says 503 and logs no text when ClickHouse refuses', async () => {
    await start();
    await client.command({
      query: `ALTER TABLE ${address.database}.run_records ADD CONSTRAINT refused CHECK expires_at < toDateTime(1, 'UTC')`,
    });
    onTestFinished(async () => {
      await client.command({
        query: `ALTER TABLE ${address.database}.run_records DROP CONSTRAINT refused`,
      });
    });
    const response = await post(failedSpan().body);
    expect(response.status).toBe(503);
    expect(response.headers.get('retry-after')).toMatch(/^\d+$/);
    expect(logged).toMatchObject([
      { err: { code: 'storage_unavailable', cause: { type: 'VIOLATED_CONSTRAINT' } } },
    ]);
  });

  it('names the port that is in use, and the setting', async () => {
    const { port } = await start();
    const second = startReceiver({ ...readReceiverSettings({}), otlpPort: port }, address, silent);
    await expect(second).rejects.toMatchObject({
      code: 'port_in_use',
      message: expect.stringMatching(new RegExp(`${port}.*FAILTRACE_OTLP_PORT`)),
    });
  });
});

describe('a receiver that has no ClickHouse', () => {
  const ready = async () => {
    const response = await fetch(`${receiver?.url}/readyz`);
    return { status: response.status, body: (await response.json()) as unknown };
  };

  async function open(settings: Partial<ReceiverSettings> = {}): Promise<Receiver> {
    const defaults = readReceiverSettings({ FAILTRACE_OTLP_PORT: '0' });
    const opened = await openReceiver({ ...defaults, ...settings }, silent);
    receiver = opened;
    return opened;
  }

  it('listens, says why it is not ready, and takes nothing until it is', async () => {
    const opened = await open();
    const { traceId, body } = failedSpan();
    expect(await ready()).toEqual({
      status: 503,
      body: { status: 'not_ready', reason: 'failtrace is starting, and waits for ClickHouse.' },
    });
    const refused = await post(body);
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([503, '5']);
    await opened.connect(address);
    await expect.poll(ready).toEqual({ status: 200, body: { status: 'ready' } });
    expect((await post(body)).status).toBe(200);
    expect(await namespacesOf(traceId)).toHaveLength(1);
  });

  it('waits for it, and goes on when it is there', async () => {
    const opened = await open();
    const proxy = await startProxy();
    await proxy.close();
    let connected = false;
    const connecting = opened.connect({ ...address, url: proxy.url }).then(() => {
      connected = true;
    });
    await new Promise((resolve) => setTimeout(resolve, 600));
    expect(connected).toBe(false);
    const again = await startStallableProxy(address.url, Number(new URL(proxy.url).port));
    onTestFinished(() => again.close());
    await connecting;
    expect((await post(failedSpan().body)).status).toBe(200);
  });

  it('does not wait for a login that is refused', async () => {
    const opened = await open();
    const connecting = opened.connect({ ...address, password: 'wrong' });
    await expect(connecting).rejects.toMatchObject({ code: 'clickhouse_unreachable' });
  }, 20_000);

  it('ends while it waits', async () => {
    const opened = await open();
    const proxy = await startProxy();
    await proxy.close();
    const connecting = opened.connect({ ...address, url: proxy.url });
    const outcome = connecting.catch((error: unknown) => error);
    await opened.close();
    expect(await outcome).toMatchObject({ message: 'The receiver was closed.' });
  }, 20_000);

  it('leaves a server that is gone at once, and uses another', async () => {
    const opened = await open();
    const proxy = await startProxy();
    await opened.connect({ ...address, url: proxy.url });
    proxy.stall();
    const underWay = post(failedSpan().body);
    await new Promise((resolve) => setTimeout(resolve, 100));
    await opened.disconnect('The storage has ended.');
    expect((await underWay).status).toBe(503);
    expect(await ready()).toMatchObject({
      status: 503,
      body: { reason: 'The storage has ended.' },
    });
    await opened.connect(address);
    const { traceId, body } = failedSpan();
    expect((await post(body)).status).toBe(200);
    expect(await namespacesOf(traceId)).toHaveLength(1);
  });

  it('is told by /readyz when it hangs', async () => {
    const opened = await open();
    const proxy = await startProxy();
    await opened.connect({ ...address, url: proxy.url });
    expect((await ready()).status).toBe(200);
    proxy.stall();
    const reason = 'ClickHouse does not answer.';
    await expect
      .poll(ready, { timeout: 10_000, interval: 500 })
      .toEqual({ status: 503, body: { status: 'not_ready', reason } });
    proxy.resume();
  }, 20_000);
});
