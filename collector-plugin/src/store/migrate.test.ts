import { randomBytes } from 'node:crypto';
import type { ClickHouseClient } from '@clickhouse/client';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { createStoreClient } from './client.ts';
import { migrate } from './migrate.ts';
import type { Migration } from './migrations/migration.ts';
import { table } from '../../testing/table.ts';

const database = `ft_migrate_${randomBytes(6).toString('hex')}`;
let client: ClickHouseClient;
beforeAll(() => {
  client = createStoreClient({ url: inject('clickhouseUrl') });
});
afterAll(async () => {
  await client.command({ query: `DROP DATABASE IF EXISTS ${database}` });
  await client.close();
});

const first: Migration = {
  version: 1,
  name: 'one',
  steps: [{ create: table('t') }],
};
const second: Migration = {
  version: 2,
  name: 'two',
  steps: [{ alter: 't', change: 'ADD COLUMN IF NOT EXISTS b UInt8', of: 'columns' }],
};

describe('migrate', () => {
  it('applies what is due, in order, once, even when two start at once', async () => {
    const both = { client, database, migrations: [first] };
    await Promise.all([migrate(both), migrate(both)]);
    expect(await migrate(both)).toEqual([]);
    expect(await migrate({ client, database, migrations: [first, second] })).toEqual(['two']);
    const columns = await client.query({ query: `SELECT a, b FROM ${database}.t`, format: 'JSON' });
    expect((await columns.json()).meta?.map(({ name }) => name)).toEqual(['a', 'b']);
  });

  it('leaves a schema alone that is newer than it knows', async () => {
    await migrate({ client, database, migrations: [first, second] });
    await expect(migrate({ client, database, migrations: [first] })).rejects.toMatchObject({
      code: 'schema_too_new',
    });
  });

  it('says so when ClickHouse is too old', async () => {
    await expect(migrate({ client, database, minimumVersion: '99.1' })).rejects.toMatchObject({
      code: 'clickhouse_too_old',
      message: expect.stringMatching(/is version \d+\.\d+.* needs 99\.1/),
    });
  });

  it('says so when ClickHouse does not answer', async () => {
    const nobody = createStoreClient({ url: 'http://127.0.0.1:1' });
    await expect(migrate({ client: nobody, database })).rejects.toMatchObject({
      code: 'clickhouse_unreachable',
      message: expect.stringMatching(/ECONNREFUSED.*CLICKHOUSE_URL/),
    });
    await nobody.close();
  });

  it('names what ClickHouse refused', async () => {
    const wrong: Migration = {
      version: 3,
      name: 'wrong',
      steps: [{ alter: 't', change: 'DROP COLUMN nonsense', of: 'rows' }],
    };
    await expect(
      migrate({ client, database, migrations: [first, second, wrong] }),
    ).rejects.toMatchObject({
      code: 'migration_failed',
      message: expect.stringContaining('nonsense'),
    });
  });

  it('makes the tables that are there as FAILTRACE_FSYNC says now', async () => {
    /** One list for all tables; ClickHouse shows a flag as a number or as a word. */
    const settings = async () => {
      const result = await client.query({
        query: `SELECT DISTINCT arrayMap(
            set -> replaceAll(replaceAll(set, 'true', '1'), 'false', '0'),
            extractAll(engine_full, 'fsync[a-z_]+ = \\\\w+')) AS fsync
          FROM system.tables WHERE database = '${database}'`,
        format: 'JSONEachRow',
      });
      return result.json();
    };
    const all = (value: 0 | 1) => [
      {
        fsync: ['fsync_after_insert', 'fsync_part_directory', 'fsync_after_merge'].map(
          (name) => `${name} = ${value}`,
        ),
      },
    ];
    const both = { client, database, migrations: [first, second] };
    expect(await settings()).toEqual(all(1));
    await migrate({ ...both, fsync: false });
    expect(await settings()).toEqual(all(0));
    await migrate(both);
    expect(await settings()).toEqual(all(1));
  });
});
