import { cp, rm } from 'node:fs/promises';
import path from 'node:path';
import { createClient } from '@clickhouse/client';
import { tables } from '@failtrace/collector-plugin/schema';
import { DATABASE, type ClickHousePart } from '../parts/clickhouse.ts';
import type { Stage } from '../stage.ts';
import type { Fault } from './fault.ts';

async function command({ writeUrl }: ClickHousePart, ...statements: string[]): Promise<void> {
  const client = createClient({ url: Object.assign(new URL(writeUrl), { pathname: '' }).href });
  try {
    for (const query of statements) await client.command({ query });
  } finally {
    await client.close();
  }
}

/** Takes the database away, with all that is in it. */
export function dropDatabase(clickhouse: ClickHousePart): Promise<void> {
  return command(clickhouse, `DROP DATABASE ${DATABASE} SYNC`);
}

/** Lets somebody take away all that is there, and more be sent. */
async function afterLosing({ ledger, pause, recovered }: Stage, lose: () => Promise<void>) {
  await pause(2_000);
  const lost = ledger.forgive(Number.NEGATIVE_INFINITY);
  await lose();
  lost();
  await recovered(performance.now());
  await pause(4_000);
}

function empty({ house }: Stage, emptied: readonly string[]): Promise<void> {
  const statements = emptied.map((table) => `TRUNCATE TABLE ${DATABASE}.${table} SYNC`);
  return command(house.clickhouse, ...statements);
}

export const tablesEmptied: Fault = {
  name: 'tables-emptied',
  what: 'Somebody empties the tables under the running receiver; what is sent from then on is claimed',
  house: {},
  happen: (stage) =>
    afterLosing(stage, () =>
      empty(stage, [tables.runRecords, tables.recordKeys, tables.stackTexts]),
    ),
};

export const textsEmptied: Fault = {
  name: 'texts-emptied',
  what: 'Somebody empties the table of the texts alone; what is sent from then on is claimed',
  house: {},
  happen: (stage) => afterLosing(stage, () => empty(stage, [tables.stackTexts])),
};

export const tablesDropped: Fault = {
  name: 'tables-dropped',
  what: 'Somebody drops the database under the running receiver; what is sent from then on is claimed',
  house: {},
  happen: (stage) => afterLosing(stage, () => dropDatabase(stage.house.clickhouse)),
};

export const olderTables: Fault = {
  name: 'older-tables',
  what: 'ClickHouse is put back to a copy of its files from before; what was sent between is not claimed',
  house: {},
  async happen({ house, ledger, pause, recovered }) {
    const { clickhouse, directory } = house;
    const data = path.join(directory, 'data');
    const copy = path.join(directory, 'copy');
    await clickhouse.stop();
    await cp(data, copy, { recursive: true });
    const lost = ledger.forgive(performance.now());
    await clickhouse.start();
    await recovered(performance.now());
    await pause(3_000);
    await clickhouse.stop();
    await rm(data, { recursive: true });
    await cp(copy, data, { recursive: true });
    lost();
    const since = performance.now();
    await clickhouse.start();
    await recovered(since);
    await pause(4_000);
  },
};
