import type { Ledger } from '../load/ledger.ts';
import type { House } from '../parts/house.ts';
import { compareByApi } from './by-api.ts';
import { compareBySql } from './by-sql.ts';
import type { Findings } from './findings.ts';

/** Of more failures than these a sample is downloaded. */
const DOWNLOADS = 150;

/** Compares all that was acknowledged with what is stored. @returns how many rows stand there again */
export async function compare(house: House, ledger: Ledger, findings: Findings): Promise<number> {
  const { present, repeatedRows } = await compareBySql(house.clickhouse.readUrl, ledger, findings);
  const depth = { downloads: DOWNLOADS };
  await compareByApi(house.api.url, ledger, { present, depth, findings });
  return repeatedRows;
}
