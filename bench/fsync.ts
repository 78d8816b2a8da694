import { gzipSync } from 'node:zlib';
import { createClient } from '@clickhouse/client';
import { otlpMessages } from '../collector-plugin/testing/otlp-messages.ts';
import type { Load } from './load.ts';
import { timeAll } from './load.ts';
import { startProcess } from './processes.ts';
import type { Row } from './report.ts';
import { encodeBatch } from './spans.ts';
import { median, quantile } from './statistics.ts';

const ROUNDS = 6;
const REQUESTS_OF_SENDER = 40;
const BODIES = 16;
/** What an SDK exports at a time, of a service in which something fails. */
const SPANS = { spans: 64, oneFailingIn: 8 };
const CROWD = 8;

/** What it costs that an acknowledged failure is on the disk itself: the time until the acknowledgement. */
export async function benchFsync(writeUrl: string, database: string): Promise<Row[]> {
  const { request } = otlpMessages();
  const load: Load = {
    coding: 'gzip',
    bodies: Array.from({ length: BODIES }, () =>
      gzipSync(encodeBatch(request, SPANS), { level: 1 }),
    ),
    spans: SPANS.spans,
  };
  const startReceiver = (fsync: boolean) =>
    startProcess('../collector-plugin/src/main.ts', [], {
      CLICKHOUSE_URL: new URL(`${database}_fsync_${fsync}`, writeUrl).href,
      FAILTRACE_OTLP_PORT: '0',
      FAILTRACE_FSYNC: String(fsync),
    });
  const on = await startReceiver(true);
  const off = await startReceiver(false);
  const rows: Row[] = [];
  try {
    for (const senders of [1, CROWD]) {
      const times = { on: new Array<number>(), off: new Array<number>() };
      for (let round = 0; round <= ROUNDS; round += 1) {
        for (const [name, server] of Object.entries({ on, off })) {
          const requests = REQUESTS_OF_SENDER * senders;
          const taken = await timeAll(server.url, load, { requests, senders });
          // The first round is for warming up.
          if (round > 0) times[name as keyof typeof times].push(...taken);
        }
      }
      rows.push(rowOf(senders, times));
    }
  } finally {
    await on.stop();
    await off.stop();
    const client = createClient({ url: writeUrl });
    for (const fsync of [true, false]) {
      await client.command({ query: `DROP DATABASE IF EXISTS ${database}_fsync_${fsync}` });
    }
    await client.close();
  }
  return rows;
}

function rowOf(senders: number, { on, off }: Record<'on' | 'off', number[]>): Row {
  const shown = (times: number[]) =>
    `p50 ${median(times).toFixed(1)} ms, p99 ${quantile(times, 0.99).toFixed(1)} ms`;
  return {
    what: `${SPANS.spans} spans, ${SPANS.spans / SPANS.oneFailingIn} of them failing, until acknowledged; ${senders === 1 ? 'one sender' : `${senders} senders`}`,
    failtrace: shown(on),
    baseline: `${shown(off)}, with FAILTRACE_FSYNC=false`,
    result: `${(median(on) - median(off)).toFixed(1)} ms more in the middle`,
    target: 'none',
    reached: null,
  };
}
