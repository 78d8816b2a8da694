import type { ClickHouseClient } from '@clickhouse/client';
import { qualified } from '../store/table-statements.ts';
import { attached } from './attached-tables.ts';
import type { Source } from './attach.ts';

/** What of the past is taken. */
export interface BackfillOptions {
  client: ClickHouseClient;
  database: string;
  sources: readonly Source[];
  /** So far back, in milliseconds. */
  periodMs: number;
  /** Milliseconds since the Unix epoch. */
  nowMs: number;
  /** Told after each step, which is at most a day of one table. */
  onProgress: (done: number, steps: number) => void;
}

const HOUR_MS = 3_600_000;
/** A clock that was ahead: its rows are in the future of ours. */
const AHEAD_MS = 24 * HOUR_MS;
/** Not more steps, as each takes a fifth of a second at least; unless they would be longer than a day. */
const FEW_STEPS = 24;
/** A day of a busy exporter takes longer than the client waits for usual answers. */
const STEP_LIMIT_S = 1_800;

/**
 * Takes what stands in the exporter's tables already, the newest first, by the very SQL of the views. What they
 * bring meanwhile, or what was taken before, counts once.
 */
export async function backfill(options: BackfillOptions): Promise<void> {
  const { client, database, sources, onProgress } = options;
  const steps = stepsOf(options).flatMap((step) => sources.map((source) => ({ ...step, source })));
  for (const [index, { fromMs, untilMs, source }] of steps.entries()) {
    const { table, select } = source;
    const moment = (ms: number) => `fromUnixTimestamp64Milli(${ms})`;
    const rows = `(SELECT * FROM ${table} WHERE Timestamp >= ${moment(fromMs)} AND Timestamp < ${moment(untilMs)})`;
    await client.command({
      query: `INSERT INTO ${qualified(database, attached.records)} ${select(rows)}`,
      clickhouse_settings: {
        max_execution_time: STEP_LIMIT_S,
        // So that the connection is not silent for longer than the client waits.
        send_progress_in_http_headers: 1,
        http_headers_progress_interval_ms: '10000',
      },
    });
    onProgress(index + 1, steps.length);
  }
}

function stepsOf({ periodMs, nowMs }: BackfillOptions): { fromMs: number; untilMs: number }[] {
  const stepMs = Math.min(24 * HOUR_MS, Math.max(HOUR_MS, Math.ceil(periodMs / FEW_STEPS)));
  const count = Math.ceil(periodMs / stepMs);
  const steps = Array.from({ length: count }, (_, back) => ({
    fromMs: Math.max(nowMs - periodMs, nowMs - (back + 1) * stepMs),
    untilMs: nowMs - back * stepMs,
  }));
  return [{ fromMs: nowMs, untilMs: nowMs + AHEAD_MS }, ...steps];
}
