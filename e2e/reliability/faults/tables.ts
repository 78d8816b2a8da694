import { cp, rm } from 'node:fs/promises';
import path from 'node:path';
import { createClient } from '@clickhouse/client';
import { tables } from '@failtrace/collector-plugin/schema';
import { DATABASE, type ClickHousePart } from '../parts/clickhouse.ts';
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

export const tablesEmptied: Fault = {
  name: 'tables-emptied',
  what: 'Somebody empties the tables under the running receiver; what is sent from then on is claimed',
  house: {},
  async happen({ house, ledger, pause, recovered }) {
    await pause(2_000);
    const grown = [tables.runRecords, tables.recordKeys, tables.stackTexts];
    await command(
      house.clickhouse,
      ...grown.map((table) => `TRUNCATE TABLE ${DATABASE}.${table} SYNC`),
    );
    const emptied = performance.now();
    ledger.forgive(Number.NEGATIVE_INFINITY, emptied);
    await recovered(emptied);
    await pause(4_000);
  },
};

export const textsEmptied: Fault = {
  name: 'texts-emptied',
  what: 'Somebody empties the table of the texts alone; what is sent from then on is claimed',
  house: {},
  async happen({ house, ledger, pause, recovered }) {
    await pause(2_000);
    await command(house.clickhouse, `TRUNCATE TABLE ${DATABASE}.${tables.stackTexts} SYNC`);
    const emptied = performance.now();
    ledger.forgive(Number.NEGATIVE_INFINITY, emptied);
    await recovered(emptied);
    await pause(4_000);
  },
};

export const tablesDropped: Fault = {
  name: 'tables-dropped',
  what: 'Somebody drops the database under the running receiver; what is sent from then on is claimed',
  house: {},
  async happen({ house, ledger, pause, recovered }) {
    await pause(2_000);
    await dropDatabase(house.clickhouse);
    const dropped = performance.now();
    ledger.forgive(Number.NEGATIVE_INFINITY, dropped);
    await recovered(dropped);
    await pause(4_000);
  },
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
    const copied = performance.now();
    await clickhouse.start();
    await recovered(copied);
    await pause(3_000);
    await clickhouse.stop();
    const stopped = performance.now();
    await rm(data, { recursive: true });
    await cp(copy, data, { recursive: true });
    ledger.forgive(copied, stopped);
    await clickhouse.start();
    await recovered(stopped);
    await pause(4_000);
  },
};
