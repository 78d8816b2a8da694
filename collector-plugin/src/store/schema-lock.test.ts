import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ClickHouseClient } from '@clickhouse/client';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { createStoreClient } from './client.ts';
import { LOCK_TIMES, withSchemaLock } from './schema-lock.ts';

const database = `ft_lock_${randomBytes(6).toString('hex')}`;
let client: ClickHouseClient;
beforeAll(async () => {
  client = createStoreClient({ url: inject('clickhouseUrl') });
  await client.command({ query: `CREATE DATABASE ${database}` });
});
afterAll(async () => {
  await client.command({ query: `DROP DATABASE ${database}` });
  await client.close();
});

const times = { ...LOCK_TIMES, pollMs: 20 };
const lock = (table: string) => ({ client, database, table, fsync: true });

describe('the lock of the schema', () => {
  it('lets one in at a time, and everybody in the end', async () => {
    let inside = 0;
    const together: number[] = [];
    const all = Array.from({ length: 12 }, (_, index) =>
      withSchemaLock(
        lock('crowd'),
        async () => {
          inside += 1;
          await sleep(10);
          together.push(inside);
          inside -= 1;
          return index;
        },
        times,
      ),
    );
    expect(await Promise.all(all)).toEqual(Array.from({ length: 12 }, (_, index) => index));
    expect(together).toEqual(Array(12).fill(1));
  });

  it('is free again when the work fails', async () => {
    const failing = withSchemaLock(lock('failing'), () => Promise.reject(new Error('boom')), times);
    await expect(failing).rejects.toThrow('boom');
    expect(await withSchemaLock(lock('failing'), () => Promise.resolve('in'), times)).toBe('in');
  });

  it('is not taken from a holder who takes long and is heard of', async () => {
    const short = { ...times, leaseMs: 2_000, renewMs: 500 };
    const order: string[] = [];
    const started = Promise.withResolvers<void>();
    const slow = withSchemaLock(
      lock('slow'),
      async () => {
        started.resolve();
        await sleep(5_000);
        order.push('slow');
      },
      short,
    );
    await started.promise;
    await withSchemaLock(lock('slow'), () => Promise.resolve(void order.push('next')), short);
    await slow;
    expect(order).toEqual(['slow', 'next']);
  });

  it('is not waited for without end', async () => {
    const release = Promise.withResolvers<void>();
    const started = Promise.withResolvers<void>();
    const holder = withSchemaLock(
      lock('held'),
      () => {
        started.resolve();
        return release.promise;
      },
      times,
    );
    await started.promise;
    const waiting = withSchemaLock(lock('held'), () => Promise.resolve(), {
      ...times,
      waitMs: 200,
    });
    await expect(waiting).rejects.toMatchObject({
      code: 'migration_locked',
      message: expect.stringContaining('drop the table held'),
    });
    release.resolve();
    await holder;
  });
});
