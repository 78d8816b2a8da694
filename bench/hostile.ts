import { setTimeout as sleep } from 'node:timers/promises';
import { startStallableProxy } from '../collector-plugin/testing/stallable-proxy.ts';
import {
  longMessage,
  worstRequests,
  type PackedRequest,
} from '../collector-plugin/testing/packed-requests.ts';
import { memoryOf, resetPeak, startProcess } from './processes.ts';
import type { Row } from './report.ts';
import { quantile, timed } from './statistics.ts';

const SENDERS = 8;
const ATTACK_MS = 20_000;
const IDLE_MS = 3_000;
const PROBE_EVERY_MS = 20;
const SLOWEST_P99_MS = 100;
const MEBIBYTE = 2 ** 20;
/** The default of `FAILTRACE_MAX_BUFFERED_BYTES`. */
const BUDGET_MB = 256;
const STALLED_REQUESTS = 40;

/** What others notice of eight senders that post the worst bodies, and what memory these may take. */
export async function benchHostile(databaseUrl: string): Promise<Row[]> {
  const bodies = worstRequests(19 * MEBIBYTE);
  return [...(await othersWait(databaseUrl, bodies)), ...(await memory(databaseUrl, bodies))];
}

/** `npm start`, receiver and API in one process: how long the health of both takes to tell. */
async function othersWait(databaseUrl: string, bodies: readonly PackedRequest[]): Promise<Row[]> {
  const standalone = await startProcess(
    '../standalone/src/main.ts',
    [],
    { CLICKHOUSE_URL: databaseUrl, FAILTRACE_OTLP_PORT: '0', FAILTRACE_API_PORT: '0' },
    /Ctrl-C stops everything/,
  );
  const urlAfter = (label: string) =>
    new RegExp(String.raw`^ +${label} +(http://[\d.]+:\d+)`, 'm').exec(
      standalone.lines.join('\n'),
    )?.[1] ?? '';
  const servers = { receiver: urlAfter('OTLP/HTTP'), API: urlAfter('Dashboard') };
  try {
    const idle = await probeAll(servers, sleep(IDLE_MS));
    const attacked = attack(servers.receiver, bodies, ATTACK_MS);
    const busy = await probeAll(servers, attacked);
    await attacked;
    return (Object.keys(servers) as (keyof typeof servers)[]).map((name) => {
      const p99 = quantile(busy[name], 0.99);
      return {
        what: `/healthz of the ${name}, p99, while eight senders post the worst bodies`,
        failtrace: `${p99.toFixed(1)} ms (${busy[name].length} asked)`,
        baseline: `${quantile(idle[name], 0.99).toFixed(1)} ms, with nobody sending`,
        result: `${p99.toFixed(1)} ms`,
        target: `under ${SLOWEST_P99_MS} ms`,
        reached: p99 < SLOWEST_P99_MS,
      };
    });
  } finally {
    await standalone.stop();
  }
}

/** The receiver as a process of its own, so that nothing but the receiver is measured. */
async function memory(databaseUrl: string, bodies: readonly PackedRequest[]): Promise<Row[]> {
  const proxy = await startStallableProxy(databaseUrl);
  const receiver = await startProcess('../collector-plugin/src/main.ts', [], {
    CLICKHOUSE_URL: proxy.through,
    FAILTRACE_OTLP_PORT: '0',
  });
  const peakOf = async (work: () => Promise<unknown>) => {
    resetPeak(receiver.pid);
    await work();
    return memoryOf(receiver.pid).peakMb;
  };
  try {
    const idleMb = memoryOf(receiver.pid).nowMb;
    const attackedMb = await peakOf(() => attack(receiver.url, bodies, ATTACK_MS));
    const stalledMb = await peakOf(async () => {
      proxy.stall();
      const long = longMessage(19 * MEBIBYTE);
      await Promise.all(Array.from({ length: STALLED_REQUESTS }, () => post(receiver.url, long)));
      proxy.resume();
    });
    const row = (what: string, peakMb: number): Row => ({
      what: `memory of the receiver at its peak, ${what}`,
      failtrace: `${peakMb.toFixed(0)} MB`,
      baseline: `${idleMb.toFixed(0)} MB, with nobody sending`,
      result: `${(peakMb / BUDGET_MB).toFixed(2)} times the budget`,
      target: 'under twice the budget of 256 MB',
      reached: peakMb < 2 * BUDGET_MB,
    });
    return [
      row('with those eight senders', attackedMb),
      row('40 times 20 MB in 20 KB of gzip while ClickHouse hangs', stalledMb),
    ];
  } finally {
    await receiver.stop();
    await proxy.close();
  }
}

async function attack(url: string, bodies: readonly PackedRequest[], forMs: number): Promise<void> {
  const end = performance.now() + forMs;
  const statuses: Record<number, number> = {};
  let next = 0;
  const send = async () => {
    // Each body once at least, however slow the machine is.
    while (next < bodies.length || performance.now() < end) {
      const body = bodies[next++ % bodies.length];
      if (!body) continue;
      const status = await post(url, body);
      statuses[status] = (statuses[status] ?? 0) + 1;
    }
  };
  await Promise.all(Array.from({ length: SENDERS }, send));
  console.error('  answered, by status:', statuses);
}

/** @throws where the answer is none that a sender is promised */
async function post(
  url: string,
  { contentType, contentCoding, packed }: PackedRequest,
): Promise<number> {
  const response = await fetch(`${url}/v1/traces`, {
    method: 'POST',
    body: new Uint8Array(packed),
    headers: { 'content-type': contentType, 'content-encoding': contentCoding },
  });
  await response.arrayBuffer();
  const mayRetry = [429, 503].includes(response.status);
  if (mayRetry && !response.headers.has('retry-after')) throw new Error('no Retry-After');
  if (!mayRetry && ![200, 400].includes(response.status)) {
    throw new Error(`answered ${response.status}`);
  }
  return response.status;
}

/** Asks each server for its health until `done`; the milliseconds that each answer took. */
async function probeAll<Name extends string>(
  servers: Record<Name, string>,
  done: Promise<unknown>,
): Promise<Record<Name, number[]>> {
  const ended = { value: false };
  const end = () => {
    ended.value = true;
  };
  done.then(end, end);
  const probes = Object.entries<string>(servers).map(async ([name, url]) => {
    const times: number[] = [];
    while (!ended.value) {
      times.push(await timed(async () => (await fetch(`${url}/healthz`)).arrayBuffer()));
      await sleep(PROBE_EVERY_MS);
    }
    return [name, times];
  });
  return Object.fromEntries(await Promise.all(probes)) as Record<Name, number[]>;
}
