import { sendAll, usualLoads, type Load } from './load.ts';
import { startProcess, type ServerProcess } from './processes.ts';
import type { Row } from './report.ts';
import { median } from './statistics.ts';

const BODIES = 16;
/** As many as the requests that an exporter of the Collector has under way by default. */
const SENDERS = 10;
const ROUNDS = 5;
const FAILTRACE_REQUESTS = 240;
const BASELINE_REQUESTS = 16;
const LEAST_RATIO = 20;

/** One way to receive, and the rates that it reached. */
interface Way {
  what: string;
  server: ServerProcess;
  load: Load;
  requests: number;
  rates: number[];
}

/** Receive, unpack, extract and insert, until acknowledged, against the simple receiver. */
export async function benchReceive(databaseUrl: string): Promise<Row[]> {
  const { gzip, zstd } = usualLoads(BODIES);
  const startReceiver = (workers: number) =>
    startProcess('../collector-plugin/src/main.ts', [], {
      CLICKHOUSE_URL: databaseUrl,
      FAILTRACE_OTLP_PORT: '0',
      FAILTRACE_RECEIVER_WORKERS: String(workers),
    });
  const one = await startReceiver(1);
  const two = await startReceiver(2);
  const simple = await startProcess('./baseline/receiver.ts', [databaseUrl]);
  const way = (what: string, server: ServerProcess, load: Load): Way => ({
    what,
    server,
    load,
    requests: server === simple ? BASELINE_REQUESTS : FAILTRACE_REQUESTS,
    rates: [],
  });
  const baseline = way('', simple, gzip);
  const ways = [
    way('receive, gunzip, extract and insert, acknowledged', one, gzip),
    way('the same, packed with zstd', one, zstd),
    way('the same with zstd and two workers', two, zstd),
  ];
  try {
    for (let round = 0; round <= ROUNDS; round += 1) {
      for (const each of [...ways, baseline]) {
        const rate = await spansPerSecond(each);
        // The first round is for warming up.
        if (round > 0) each.rates.push(rate);
      }
    }
  } finally {
    for (const server of [one, two, simple]) await server.stop();
  }
  return ways.map(({ what, rates }): Row => {
    const ratio = median(rates) / median(baseline.rates);
    return {
      what,
      failtrace: thousands(median(rates)),
      baseline: `${thousands(median(baseline.rates))}, of gzip`,
      result: `${ratio.toFixed(1)} times the rate`,
      target: `at least ${LEAST_RATIO} times`,
      reached: ratio >= LEAST_RATIO,
    };
  });
}

function thousands(rate: number): string {
  return `${Math.round(rate / 1_000).toLocaleString('en')} k spans/s`;
}

async function spansPerSecond({ server, load, requests }: Way): Promise<number> {
  const seconds = await sendAll(server.url, load, { requests, senders: SENDERS });
  return (requests * load.spans) / seconds;
}
