import { droppedAt, failureExpiry, stackTextExpiry } from '@failtrace/contract';
import { makeDatabase, patientClient, RETENTION_MS } from './fill.ts';
import { copyWithOneExpiry, grownTables } from './tables.ts';

/**
 * Makes the twin of a filled database: the same rows, as if all had been written now, each table in as few
 * parts as ClickHouse makes of it. By INSERT … SELECT, since nothing but the parts is to differ.
 */
export async function makeTwin(url: string, from: string, to: string): Promise<void> {
  await makeDatabase(url, to);
  const client = patientClient(url, to);
  try {
    const row = failureExpiry(Date.now(), RETENTION_MS);
    const expiry = {
      row,
      dropped: droppedAt(row, RETENTION_MS),
      text: stackTextExpiry(row),
    };
    for (const query of copyWithOneExpiry({ from, to }, expiry)) {
      await client.command({ query });
    }
    for (const table of grownTables) {
      await client.command({ query: `OPTIMIZE TABLE ${table} FINAL` });
    }
  } finally {
    await client.close();
  }
}
