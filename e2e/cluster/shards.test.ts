import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { createClient, type ClickHouseClient } from '@clickhouse/client';
import { tables } from '@failtrace/collector-plugin/schema';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { get, inShort, listed, lookedUp } from './api-answers.ts';
import { bodyOf, failedRun, send, traceIdOn, type FailedRun } from './failed-runs.ts';
import { startProgram, type Program } from './programs.ts';
import { startSenders } from './retrying-senders.ts';
import { CLUSTER, startTwoServers, type ClusterServer, type TwoServers } from './servers.ts';

const database = `ft_${randomBytes(6).toString('hex')}`;
const ROWS = tables.runRecords;
const TEXTS = tables.stackTexts;
/** So long may pass, in milliseconds, until something happens that must. */
const patience = { timeout: 60_000 };
type Pair<T> = [T, T];
let two: TwoServers;
/** One of each beside each server. */
let receivers: Pair<Program>;
let apis: Pair<Program>;
/** Straight to each server. */
let clients: Pair<ClickHouseClient>;
/** One of each run that was acknowledged. */
const sent: FailedRun[] = [];

beforeAll(async () => {
  two = await startTwoServers({ as: 'shards' });
  clients = await onBoth(({ writeUrl }) => createClient({ url: urlOf(writeUrl) }));
});
afterAll(async () => {
  const programs = [...(receivers ?? []), ...(apis ?? [])];
  await Promise.all(programs.map((program) => program.stop()));
  await Promise.all((clients ?? []).map((client) => client.close()));
  await two?.stop();
});

const urlOf = (serverUrl: string) => new URL(database, serverUrl).href;

async function onBoth<T>(make: (server: ClusterServer) => T | Promise<T>): Promise<Pair<T>> {
  const [first, second] = two.servers;
  return Promise.all([make(first), make(second)]);
}

/** What `SELECT …` says on each of the two servers by itself. */
async function select(what: string): Promise<Pair<string>> {
  const ask = async (client: ClickHouseClient) => {
    const result = await client.query({ query: `SELECT ${what}`, format: 'TabSeparated' });
    return (await result.text()).trim();
  };
  return Promise.all([ask(clients[0]), ask(clients[1])]);
}

async function store(runs: readonly FailedRun[], by: 0 | 1 = 0): Promise<void> {
  expect((await send(receivers[by].url, bodyOf(runs))).status).toBe(200);
}

describe('two servers that share the rows', () => {
  it('get their tables by the receivers that start together beside each', async () => {
    const start = (name: 'receiver' | 'api', url: string) =>
      startProgram(name, { CLICKHOUSE_URL: urlOf(url), FAILTRACE_CLICKHOUSE_CLUSTER: CLUSTER });
    receivers = await onBoth(({ writeUrl }) => start('receiver', writeUrl));
    apis = await onBoth(({ readUrl }) => start('api', readUrl));
    const [here, there] = await select(
      `name, engine FROM system.tables WHERE database = '${database}' ORDER BY name`,
    );
    expect(there).toBe(here);
    const engines = new Map(here.split('\n').map((line) => line.split('\t') as Pair<string>));
    const spread = [...engines.keys()].filter((name) => engines.has(`${name}_local`));
    expect(spread).toEqual(expect.arrayContaining([ROWS, TEXTS]));
    for (const name of spread) {
      expect(engines.get(name)).toBe('Distributed');
      expect(engines.get(`${name}_local`)).toMatch(/^(Replacing)?MergeTree$/);
    }
  });

  it('take about half of the rows each, whichever receiver they come by', async () => {
    const runs = Array.from({ length: 60 }, (_, index) => failedRun(`spread_${index}`));
    for (const run of runs.slice(0, 30)) await store([run], 0);
    for (const run of runs.slice(30)) await store([run], 1);
    sent.push(...runs);
    const [here, there] = await select(`count() FROM ${ROWS}_local`);
    expect(Number(here) + Number(there)).toBe(60);
    expect(Math.min(Number(here), Number(there))).toBeGreaterThan(10);
    // What is one trace stands on one server.
    const traces = await select(`DISTINCT hex(trace_id) FROM ${ROWS}_local`);
    expect(new Set(traces.flatMap((text) => text.split('\n'))).size).toBe(60);
  });

  it('have the texts where the failures are that need them', async () => {
    const stackText = 'Error: boom\n    at shared (/app/shared.js:1:1)\n';
    const runs = ([1, 2, 1, 2] as const).map((shard, index) =>
      failedRun(`shared_${index}`, { message: 'boom', stackText, traceId: traceIdOn(shard) }),
    );
    await store(runs.slice(0, 2), 0);
    await store(runs.slice(2), 1);
    sent.push(...runs);
    const missing = `count() FROM ${ROWS}_local
      WHERE text_hash NOT IN (SELECT text_hash FROM ${TEXTS}_local)`;
    expect(await select(missing)).toEqual(['0', '0']);
    const needless = `count() FROM ${TEXTS}_local
      WHERE text_hash NOT IN (SELECT text_hash FROM ${ROWS}_local)`;
    expect(await select(needless)).toEqual(['0', '0']);
  });

  it('are read as one, through either', async () => {
    const runIds = sent.map(({ runId }) => runId);
    for (const api of apis) {
      expect(await listed(api)).toEqual(runIds.toSorted());
      expect(await lookedUp(api, runIds)).toEqual(sent.map(({ message }) => message));
      for (const { runId, stackText } of sent) {
        expect((await get(api, `runs/${runId}/trace`)).text).toBe(stackText);
      }
      expect(JSON.parse((await get(api, 'runs?q=order%20spread_17')).text)).toMatchObject({
        runs: [{ run_id: 'spread_17' }],
      });
    }
  });

  it.each([1, 2] as const)('stream long texts and messages from shard %i', async (shard) => {
    const message = `${randomBytes(100_000).toString('hex')} 💥`;
    const frames = randomBytes(600_000)
      .toString('base64')
      .replaceAll(/(.{100})/g, '    at $1\n');
    const run = failedRun(`long_${shard}`, {
      traceId: traceIdOn(shard),
      message,
      stackText: `Error: ${message}\n${frames}`,
    });
    await store([run]);
    sent.push(run);
    for (const api of apis) {
      const { text } = await get(api, `runs/${run.runId}/trace?full=true`);
      expect(inShort(text)).toBe(inShort(run.stackText));
      expect(text === run.stackText).toBe(true);
      expect((await get(api, `runs/${run.runId}/message`)).text === message).toBe(true);
    }
  });

  it('put the attempts of a run together that stand on different servers', async () => {
    const attempt = (shard: 1 | 2) =>
      failedRun('twice', { traceId: traceIdOn(shard), message: `attempt on ${shard}` });
    const first = attempt(1);
    const second = attempt(2);
    await store([first]);
    await sleep(20);
    await store([second]);
    sent.push(second);
    for (const api of apis) {
      const { text } = await get(api, 'runs/twice');
      expect(JSON.parse(text)).toMatchObject({ attempts: 2, error_message: 'attempt on 2' });
      expect((await get(api, 'runs/twice/trace?attempt=1')).text).toBe(first.stackText);
      expect((await get(api, 'runs/twice/trace?attempt=2')).text).toBe(second.stackText);
    }
  });

  it('list traces that name no run, and no trace beside the run that it names', async () => {
    for (const shard of [1, 2] as const) {
      const alone = traceIdOn(shard);
      const named = failedRun(`named_${shard}`, { traceId: traceIdOn(shard) });
      await store([
        failedRun(alone, { traceId: alone, isStep: true }),
        failedRun('', { traceId: named.traceId, message: 'a step', isStep: true }),
      ]);
      await store([named], 1);
      sent.push(failedRun(alone, { isStep: true }), named);
    }
    const runIds = sent.map(({ runId }) => runId).toSorted();
    for (const api of apis) expect(await listed(api)).toEqual(runIds);
  });

  it('break a download off, and do not end it, when the server of its text is killed', async () => {
    const traceId = traceIdOn(2);
    const failures = [1, 2, 3, 4].map((step) =>
      failedRun('broken', {
        traceId,
        message: `step ${step} went wrong`,
        stackText: `Error: step ${step} went wrong\n${randomBytes(3_000_000).toString('base64')}`,
      }),
    );
    await store(failures);
    sent.push(...failures.slice(0, 1));
    const path = 'runs/broken/trace?full=true&include=all';
    const whole = (await get(apis[0], path)).text;
    expect(whole.length).toBeGreaterThan(16_000_000);

    // Nobody reads yet, so the rest stands neither in the API nor on the way to it.
    const response = await fetch(`${apis[0].url}/api/${path}`);
    expect(response.status).toBe(200);
    await two.servers[1].kill();
    await expect(response.text()).rejects.toThrow('terminated');
    expect((await get(apis[0], path)).status).toBe(503);
    await two.servers[1].start();
    expect((await get(apis[0], path)).text === whole).toBe(true);
  });

  it('lose nothing that was acknowledged when one is killed under load', async () => {
    const senders = startSenders(receivers.map(({ url }) => url));
    await expect.poll(() => senders.acknowledged.length, patience).toBeGreaterThan(100);
    await two.servers[1].kill();
    await expect.poll(() => senders.refused.length, patience).toBeGreaterThan(40);

    // Never fewer than there are: no answer at all.
    for (const path of ['runs', 'runs?q=x', 'runs/spread_0', 'runs/spread_0/trace']) {
      const { status, type, text } = await get(apis[0], path);
      expect([path, status, type]).toEqual([path, 503, 'application/problem+json']);
      expect(JSON.parse(text)).toMatchObject({ code: 'storage_unavailable' });
    }
    expect((await get(apis[1], 'runs')).status).toBe(503);

    await two.servers[1].start();
    const before = senders.acknowledged.length;
    await expect.poll(() => senders.acknowledged.length, patience).toBeGreaterThan(before + 100);
    await senders.stop();
    for (const answer of senders.refused) {
      expect(answer).toEqual({ status: 503, retryAfter: expect.stringMatching(/^\d+$/) });
    }

    // Whole again, through either, without a restart; and what was sent again is shown once.
    sent.push(...senders.acknowledged);
    for (const api of apis) {
      expect(await listed(api)).toEqual(sent.map(({ runId }) => runId).toSorted());
    }
    for (const { runId, stackText } of senders.acknowledged.slice(-100)) {
      expect((await get(apis[1], `runs/${runId}/trace`)).text).toBe(stackText);
    }
    // The server that lived has not gathered a copy at each try, but for what was under way at the kill.
    const [copies] = await select(`count() - uniqExact(trace_id, span_id) FROM ${ROWS}_local`);
    expect(Number(copies)).toBeLessThanOrEqual(20);
  });

  it('let no tenant push the run of another one out, though it floods both', async () => {
    const flood = (namespace: string) =>
      Array.from({ length: 6_000 }, () =>
        failedRun('flooded', { namespace, message: 'flood', stackText: '' }),
      );
    await store([failedRun('flooded', { traceId: traceIdOn(1), message: 'mine' })]);
    for (const namespace of ['flood_a', 'flood_b']) {
      const runs = flood(namespace);
      for (let from = 0; from < runs.length; from += 2_000) {
        await store(runs.slice(from, from + 2_000));
      }
    }
    for (const api of apis) {
      const { status, text } = await get(api, 'runs/flooded');
      expect([status, (JSON.parse(text) as { namespaces: string[] }).namespaces]).toEqual([
        409,
        ['flood_a', 'flood_b', 'shop'],
      ]);
      const mine = JSON.parse((await get(api, 'runs/flooded?namespace=shop')).text);
      expect(mine).toMatchObject({ attempts: 1, error_message: 'mine' });
    }
  });
});
