import { Agent, request as httpRequest } from 'node:http';
import { gzipSync } from 'node:zlib';
import { otlpMessages } from '../collector-plugin/testing/otlp-messages.ts';
import { startProcess } from './processes.ts';
import type { Row } from './report.ts';
import { encodeBatch, usualBatch } from './spans.ts';
import { median } from './statistics.ts';

const BODIES = 16;
const SENDERS = 4;
const ROUNDS = 5;
const FAILTRACE_REQUESTS = 240;
const BASELINE_REQUESTS = 16;

/** Receive, gunzip, extract and insert, until acknowledged, against the simple receiver. */
export async function benchReceive(databaseUrl: string): Promise<Row[]> {
  const { request } = otlpMessages();
  const bodies = Array.from({ length: BODIES }, () =>
    gzipSync(encodeBatch(request, usualBatch), { level: 1 }),
  );
  const failtrace = await startProcess('../collector-plugin/src/main.ts', [], {
    CLICKHOUSE_URL: databaseUrl,
    FAILTRACE_OTLP_PORT: '0',
  });
  const baseline = await startProcess('./baseline/receiver.ts', [databaseUrl]);
  const rates = { failtrace: [] as number[], baseline: [] as number[] };
  try {
    const run = (server: { url: string }, requests: number) =>
      spansPerSecond(`${server.url}/v1/traces`, bodies, requests);
    await run(failtrace, FAILTRACE_REQUESTS);
    await run(baseline, BASELINE_REQUESTS);
    for (let round = 0; round < ROUNDS; round += 1) {
      rates.failtrace.push(await run(failtrace, FAILTRACE_REQUESTS));
      rates.baseline.push(await run(baseline, BASELINE_REQUESTS));
    }
  } finally {
    await failtrace.stop();
    await baseline.stop();
  }
  const ratio = median(rates.failtrace) / median(rates.baseline);
  const thousands = (rate: number) => `${Math.round(rate / 1_000).toLocaleString('en')} k spans/s`;
  return [
    {
      what: 'receive, gunzip, extract and insert, acknowledged',
      failtrace: thousands(median(rates.failtrace)),
      baseline: thousands(median(rates.baseline)),
      result: `${ratio.toFixed(1)} times the rate`,
      target: 'at least 10 times',
      reached: ratio >= 10,
    },
  ];
}

async function spansPerSecond(
  url: string,
  bodies: readonly Buffer[],
  requests: number,
): Promise<number> {
  const agent = new Agent({ keepAlive: true, maxSockets: SENDERS });
  let next = 0;
  const send = async () => {
    while (next < requests) {
      const body = bodies[next % bodies.length];
      next += 1;
      if (body) await post(agent, url, body);
    }
  };
  const start = performance.now();
  await Promise.all(Array.from({ length: SENDERS }, send));
  const seconds = (performance.now() - start) / 1_000;
  agent.destroy();
  return (requests * usualBatch.spans) / seconds;
}

function post(agent: Agent, url: string, body: Buffer): Promise<void> {
  return new Promise((resolve, reject) => {
    const request = httpRequest(
      url,
      {
        agent,
        method: 'POST',
        headers: {
          'content-type': 'application/x-protobuf',
          'content-encoding': 'gzip',
          'content-length': body.length,
        },
      },
      (response) => {
        response.resume().once('end', () => {
          if (response.statusCode === 200) resolve();
          else reject(new Error(`answered ${response.statusCode}`));
        });
      },
    );
    request.once('error', reject).end(body);
  });
}
