import { setTimeout } from 'node:timers/promises';
import type { ClickHouseClient } from '@clickhouse/client';

const QUIET_CHECKS = 10;
const CHECK_MS = 200;

/**
 * Waits until ClickHouse merges nothing more. Merging millions of new rows takes a core for a while, from
 * whoever is measured.
 *
 * @returns whether it was quiet in the end; `false` when `limitMs` was over before
 */
export async function mergesAreDone(client: ClickHouseClient, limitMs: number): Promise<boolean> {
  const query = 'SELECT count() AS running FROM system.merges';
  const until = Date.now() + limitMs;
  for (let quiet = 0; quiet < QUIET_CHECKS; quiet += 1) {
    if (Date.now() > until) return false;
    await setTimeout(CHECK_MS);
    const result = await client.query({ query, format: 'JSONEachRow' });
    const [merges] = await result.json<{ running: string }>();
    if (Number(merges?.running) !== 0) quiet = -1;
  }
  return true;
}
