import { randomBytes } from 'node:crypto';
import { createClient } from '@clickhouse/client';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { bodyOf, failedRun, send } from './failed-runs.ts';
import { runProgram, startProgram } from './programs.ts';
import { CLUSTER, startTwoServers, type TwoServers } from './servers.ts';
import { startZooKeeper, type ZooKeeper } from './zookeeper.ts';

const inCluster = { FAILTRACE_CLICKHOUSE_CLUSTER: CLUSTER };
const database = `ft_${randomBytes(6).toString('hex')}`;

/*
 * What of replication can be tried with the server that npm installs: how the tables are made. The library has no
 * interserver address, so a replicated table is read-only there, and nothing is copied.
 */
describe('two replicas of one shard', () => {
  let zooKeeper: ZooKeeper;
  let two: TwoServers;
  beforeAll(async () => {
    zooKeeper = await startZooKeeper();
    two = await startTwoServers({ as: 'replicas', zooKeeperPort: zooKeeper.port });
  });
  afterAll(async () => {
    await two?.stop();
    await zooKeeper?.stop();
  });

  it('get replicated tables under one path for each, and Distributed ones over them', async () => {
    const tables: { name: string; engine: string }[][] = [];
    for (const server of two.servers) {
      const url = new URL(database, server.writeUrl).href;
      expect(await runProgram('migrate', { CLICKHOUSE_URL: url, ...inCluster })).toMatchObject({
        stderr: '',
        stdout: 'applied: failures\n',
      });
      const client = createClient({ url });
      const result = await client.query({
        query: `SELECT name, engine_full AS engine FROM system.tables
          WHERE database = '${database}' AND name NOT LIKE 'schema_%' ORDER BY name`,
        format: 'JSONEachRow',
      });
      tables.push(await result.json());
      await client.close();
      // All servers of this library have one id, by which ZooKeeper takes two at once for the same one.
      await server.stop();
    }
    await two.servers[0].start();
    const [onFirst = [], onSecond] = tables;
    expect(onFirst.length).toBeGreaterThan(3);
    expect(onSecond).toEqual(onFirst);
    for (const { name, engine } of onFirst) {
      if (!name.endsWith('_local')) {
        expect(engine).toContain(`Distributed('${CLUSTER}', '${database}', '${name}_local'`);
        continue;
      }
      const path = `/clickhouse/tables/${CLUSTER}/${database}/${name}`;
      expect(engine).toMatch(/^Replicated(Replacing)?MergeTree\(/);
      expect(engine).toContain(`MergeTree('${path}/{shard}', '{replica}'`);
      expect(await zooKeeper.list(`${path}/1/replicas`)).toEqual([
        `${path}/1/replicas`,
        `${path}/1/replicas/1`,
        `${path}/1/replicas/2`,
      ]);
    }
  });

  it('refuse what they cannot keep, and the sender is told', async () => {
    const url = new URL(database, two.servers[0].writeUrl).href;
    const receiver = await startProgram('receiver', { CLICKHOUSE_URL: url, ...inCluster });
    onTestFinished(() => receiver.stop());
    const response = await send(receiver.url, bodyOf([failedRun('nowhere')]));
    expect(response.status).toBe(503);
    expect(response.headers.get('retry-after')).toMatch(/^\d+$/);
  });
});

describe('two replicas of one shard without a Keeper', () => {
  it('are refused, since each would have half of the rows', async () => {
    const two = await startTwoServers({ as: 'replicas' });
    onTestFinished(() => two.stop());
    const url = new URL(database, two.servers[0].writeUrl).href;
    const { code, stderr } = await runProgram('receiver', { CLICKHOUSE_URL: url, ...inCluster });
    expect([code, stderr]).toEqual([
      1,
      expect.stringMatching(
        /^failtrace receiver: FAILTRACE_CLICKHOUSE_CLUSTER="two_servers" does not do: it has shards with 2 replicas, [^\n]+\n$/,
      ),
    ]);
  });
});
