import { randomBytes } from 'node:crypto';
import { createClient } from '@clickhouse/client';
import type { ClickHouseClient } from '@clickhouse/client';
import { requireClickHouseAddress, type ClickHouseAddress } from '@failtrace/contract/server';
import { createStore, migrate } from '@failtrace/collector-plugin';
import type { Failure, RunSpan } from '@failtrace/collector-plugin';
import { inject } from 'vitest';
import { createReadClient } from '../clickhouse-client.ts';

/** A database of its own for one test file, written by the real writer. */
export interface TestDatabase {
  /** The client that the reader gets. */
  readClient: ClickHouseClient;
  /** A client that may do anything. */
  client: ClickHouseClient;
  url: string;
  /** The same, as the API takes it. */
  address: ClickHouseAddress;
  write(records: { failures?: Failure[]; runSpans?: RunSpan[] }): Promise<void>;
  drop(): Promise<void>;
}

/** Makes the database with its tables in the server that the test run started. */
export async function createTestDatabase(): Promise<TestDatabase> {
  const server = inject('clickhouseUrl');
  const database = `ft_test_${randomBytes(6).toString('hex')}`;
  const admin = createClient({ url: server });
  await migrate({ client: admin, database });
  await admin.close();

  const url = new URL(`/${database}`, server).href;
  const client = createClient({ url });
  const address = requireClickHouseAddress({ CLICKHOUSE_URL: url });
  const readClient = createReadClient(address);
  const store = createStore({ client, retentionMs: 30 * 86_400_000 });
  return {
    readClient,
    client,
    url,
    address,
    write: ({ failures = [], runSpans = [] }) =>
      store.write({ failures, runSpans, rejected: { items: 0, message: '' } }),
    async drop() {
      await store.close();
      await client.command({ query: `DROP DATABASE ${database}` });
      await Promise.all([client.close(), readClient.close()]);
    },
  };
}

/** Nanoseconds since the epoch, so many milliseconds ago. */
export function ago(milliseconds: number): bigint {
  return BigInt(Date.now() - milliseconds) * 1_000_000n;
}

type Texts<T> = { [Key in keyof T]: T[Key] extends Buffer ? Buffer | string : T[Key] };

/** A recorded exception on a span of its own, of the service `orders`, a minute ago. */
export function failure(overrides: Partial<Texts<Failure>> = {}): Failure {
  return {
    ...spanContext(overrides),
    occurredAt: overrides.occurredAt ?? overrides.endedAt ?? ago(60_000),
    source: overrides.source ?? 1,
    status: overrides.status ?? 2,
    handled: overrides.handled ?? false,
    outcome: overrides.outcome ?? false,
    cutUpstream: overrides.cutUpstream ?? false,
    droppedEvents: overrides.droppedEvents ?? 0,
    type: Buffer.from(overrides.type ?? 'OrderError'),
    message: Buffer.from(overrides.message ?? 'Order 4711 not found'),
    stackText: Buffer.from(
      overrides.stackText ?? 'OrderError: Order 4711 not found\n    at place (orders.js:1:2)',
    ),
  };
}

/** A root span that names its run and ended in ERROR a minute ago. */
export function runSpan(overrides: Partial<Texts<RunSpan>> = {}): RunSpan {
  return {
    ...spanContext(overrides),
    status: overrides.status ?? 2,
  };
}

/** A failed run: its root span, and one exception recorded on it. */
export function failedRun(
  runId: string,
  overrides: Partial<Texts<Failure>> = {},
): { failures: Failure[]; runSpans: RunSpan[] } {
  const shared = {
    traceId: randomBytes(16),
    spanId: randomBytes(8),
    endedAt: ago(60_000),
    ...overrides,
    runId: Buffer.from(runId),
  };
  return { failures: [failure(shared)], runSpans: [runSpan(shared)] };
}

function spanContext(overrides: Partial<Texts<RunSpan>>) {
  const endedAt = overrides.endedAt ?? ago(60_000);
  return {
    traceId: Buffer.from(overrides.traceId ?? randomBytes(16)),
    spanId: Buffer.from(overrides.spanId ?? randomBytes(8)),
    parentSpanId: Buffer.from(overrides.parentSpanId ?? ''),
    namespace: Buffer.from(overrides.namespace ?? 'shop'),
    service: Buffer.from(overrides.service ?? 'orders'),
    spanName: Buffer.from(overrides.spanName ?? 'place order'),
    startedAt: overrides.startedAt ?? endedAt - 1_000_000_000n,
    endedAt,
    runId: Buffer.from(overrides.runId ?? ''),
  };
}
