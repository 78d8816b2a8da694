import { createClient } from '@clickhouse/client';
import { beforeAll, expect, it, vi } from 'vitest';
import { compare } from './comparison/compare.ts';
import { createFindings } from './comparison/findings.ts';
import { failureOf } from './load/failures.ts';
import { createLedger } from './load/ledger.ts';
import { startSenders, usualLoad } from './load/senders.ts';
import { startHouse, type House } from './parts/house.ts';

/* What the harness says of faults is worth as much as what its comparison finds. So things are made wrong here. */

const ENOUGH = 20;
const ledger = createLedger({ tag: 'compared', startMs: Date.now() - 7_200_000 });
let house: House;

beforeAll(async () => {
  house = await startHouse({});
  const senders = startSenders(() => house.otlpUrls, ledger, {
    ...usualLoad,
    batch: { upTo: 6 },
  });
  await vi.waitUntil(() => ledger.claimedCount() > ENOUGH, 60_000);
  await senders.stop();
  return () => house.stop();
});

async function found(): Promise<string[]> {
  const findings = createFindings();
  await compare(house, ledger, findings);
  return findings.lines();
}

async function change(query: string): Promise<void> {
  const client = createClient({ url: house.clickhouse.writeUrl });
  await client.command({ query, clickhouse_settings: { mutations_sync: '1' } });
  await client.close();
}

/** The run of a failure that stands in a row of its own, as most do. */
const runOf = (number: number) => `run_id = '${failureOf(ledger.series, number).runId}'`;

it('finds nothing where all is as it was sent, nor where a row was written twice', async () => {
  expect(await found()).toEqual([]);
  await change(`INSERT INTO run_records SELECT * FROM run_records WHERE ${runOf(1)}`);
  expect(await found()).toEqual([]);
});

it('finds a failure that is there twice and not the same', async () => {
  await change(
    `INSERT INTO run_records SELECT * REPLACE ('Other' AS error_type) FROM run_records WHERE ${runOf(1)} LIMIT 1`,
  );
  expect((await found()).join()).toContain('doubled: compared_1 stands as 2 failures');
  await change(`ALTER TABLE run_records DELETE WHERE ${runOf(1)} AND error_type = 'Other'`);
  expect(await found()).toEqual([]);
});

/** The message is part of what rows are told apart by, and cannot be changed in its place. */
async function replaceMessage(message: string, where: string): Promise<void> {
  await change(
    `INSERT INTO run_records SELECT * REPLACE (${message} AS error_message) FROM run_records WHERE ${where} LIMIT 1`,
  );
  await change(`ALTER TABLE run_records DELETE WHERE ${where} AND error_message != ${message}`);
}

it('finds a message that has changed', async () => {
  await replaceMessage(`concat(trimRight(error_message, '!'), '!')`, runOf(2));
  const lines = (await found()).join();
  expect(lines).toContain('compared_2: message in the table');
  expect(lines).toContain('compared_2: error_message');
  await replaceMessage(`trimRight(error_message, '!')`, runOf(2));
  expect(await found()).toEqual([]);
});

it('finds what has no row any more', async () => {
  await change(`ALTER TABLE run_records DELETE WHERE ${runOf(5)}`);
  expect(await found()).toEqual(['1 lost: compared_5 has no row']);
});

it('finds a text that has changed, and one that has gone', async () => {
  await change(
    `ALTER TABLE stack_texts UPDATE content = concat(substring(content, 1, length(content) - 1), '?') WHERE text_hash IN (SELECT text_hash FROM run_records WHERE ${runOf(4)})`,
  );
  expect((await found()).join()).toContain('compared_4: the download differs');
  await change('TRUNCATE TABLE stack_texts SYNC');
  expect((await found()).join()).toMatch(/compared_\d+ has a row and no text/);
});

it('claims nothing of what somebody has taken away', async () => {
  ledger.forgive(Number.NEGATIVE_INFINITY)();
  expect(ledger.claimedCount()).toBe(0);
  expect(await found()).toEqual([]);
});
