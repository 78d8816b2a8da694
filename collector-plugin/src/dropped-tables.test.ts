import { randomBytes } from 'node:crypto';
import type { ClickHouseClient } from '@clickhouse/client';
import {
  requireClickHouseAddress,
  type ClickHouseAddress,
  type Listening,
} from '@failtrace/contract/server';
import { expect, inject, it, onTestFinished } from 'vitest';
import { failedSpan } from '../testing/failed-span.ts';
import { readReceiverSettings } from './settings.ts';
import { startReceiver } from './start-receiver.ts';
import { createStoreClient } from './store/client.ts';
import { createTableRemaker } from './store/remake-tables.ts';

const silent = { info() {}, warn() {}, error() {} };

interface Setup {
  address: ClickHouseAddress;
  admin: ClickHouseClient;
}

function setUp(): Setup {
  const { url, username, password } = requireClickHouseAddress({
    CLICKHOUSE_URL: inject('clickhouseUrl'),
  });
  const server = { url, username, password };
  const address = { ...server, database: `ft_dropped_${randomBytes(6).toString('hex')}` };
  const admin = createStoreClient(server);
  onTestFinished(async () => {
    await admin.command({ query: `DROP DATABASE IF EXISTS ${address.database}` });
    await admin.close();
  });
  return { address, admin };
}

async function start(address: ClickHouseAddress): Promise<Listening> {
  const settings = readReceiverSettings({ FAILTRACE_OTLP_PORT: '0' });
  const receiver = await startReceiver(settings, address, silent);
  onTestFinished(() => receiver.close());
  return receiver;
}

async function post({ url }: Listening, body: string): Promise<number> {
  const headers = { 'content-type': 'application/json' };
  const answer = await fetch(`${url}/v1/traces`, { method: 'POST', headers, body });
  await answer.arrayBuffer();
  return answer.status;
}

async function countOf({ admin, address }: Setup, traceId: string): Promise<number> {
  const result = await admin.query({
    query: `SELECT toUInt32(count()) AS rows FROM ${address.database}.run_records
      WHERE trace_id = unhex('${traceId}')`,
    format: 'JSONEachRow',
  });
  return (await result.json<{ rows: number }>())[0]?.rows ?? 0;
}

const drops: [what: string, query: (database: string) => string][] = [
  ['the database', (database) => `DROP DATABASE ${database}`],
  ['the table of records', (database) => `DROP TABLE ${database}.run_records`],
  ['the table of keys', (database) => `DROP TABLE ${database}.record_keys`],
  ['the table of texts', (database) => `DROP TABLE ${database}.stack_texts`],
];

it.each(drops)('is made again under running receivers: %s', async (_, query) => {
  const setup = setUp();
  const receivers = [await start(setup.address), await start(setup.address)];
  for (const receiver of receivers) expect(await post(receiver, failedSpan().body)).toBe(200);

  await setup.admin.command({ query: query(setup.address.database) });
  const sent = receivers.map((receiver) => ({
    receiver,
    ...failedSpan({ message: 'x'.repeat(9_000) }),
  }));
  expect(await Promise.all(sent.map(({ receiver, body }) => post(receiver, body)))).toContain(503);
  for (const { receiver, body, traceId } of sent) {
    await expect.poll(() => post(receiver, body), { timeout: 30_000, interval: 100 }).toBe(200);
    expect(await countOf(setup, traceId)).toBeGreaterThan(0);
  }
});

it('are not made again at once when they are dropped again', async () => {
  const { address, admin } = setUp();
  let now = 0;
  const remaker = createTableRemaker(address, true, () => now);
  const tables = async () => {
    remaker.start();
    await remaker.close();
    const result = await admin.query({
      query: `SELECT name FROM system.tables WHERE database = '${address.database}' ORDER BY name`,
      format: 'JSONEachRow',
    });
    return (await result.json<{ name: string }>()).map(({ name }) => name);
  };
  expect(await tables()).toContain('run_records');
  await admin.command({ query: `DROP DATABASE ${address.database}` });
  now = 9_999;
  expect(await tables()).toEqual([]);
  now = 10_000;
  expect(await tables()).toContain('run_records');
});
