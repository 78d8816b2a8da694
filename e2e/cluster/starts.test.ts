import { randomBytes } from 'node:crypto';
import { createStoreClient } from '@failtrace/collector-plugin';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { awaitOtherServers } from '../../collector-plugin/src/store/cluster-tables.ts';
import { runProgram, startProgram } from './programs.ts';
import { CLUSTER, startTwoServers, type TwoServers } from './servers.ts';

const inCluster = { FAILTRACE_CLICKHOUSE_CLUSTER: CLUSTER };
let two: TwoServers;
beforeAll(async () => {
  two = await startTwoServers({ as: 'shards' });
});
afterAll(() => two?.stop());

const newDatabase = () => `ft_${randomBytes(6).toString('hex')}`;
const addressOf = (index: 0 | 1, database: string, who: 'readUrl' | 'writeUrl' = 'writeUrl') => ({
  CLICKHOUSE_URL: new URL(database, two.servers[index][who]).href,
});

describe('a program that is told of a cluster', () => {
  it.each(['receiver', 'api', 'migrate'] as const)(
    'ends with one line when the server does not know it: %s',
    async (name) => {
      const ended = await runProgram(name, {
        ...addressOf(0, newDatabase(), name === 'api' ? 'readUrl' : 'writeUrl'),
        FAILTRACE_CLICKHOUSE_CLUSTER: 'twins',
      });
      expect(ended.code).toBe(1);
      expect(ended.stderr).toMatch(
        /^failtrace [^\n]+ FAILTRACE_CLICKHOUSE_CLUSTER="twins" is no cluster that the ClickHouse server knows\. Allowed: one of those in its remote_servers: two_servers\.\n$/,
      );
    },
  );

  it('ends when more replicas are to have a batch than there are', async () => {
    const env = { ...addressOf(0, newDatabase()), ...inCluster, FAILTRACE_CLICKHOUSE_QUORUM: '2' };
    expect(await runProgram('receiver', env)).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(
        /^failtrace receiver: FAILTRACE_CLICKHOUSE_QUORUM="2" does not do: shard 1 of the cluster two_servers has 1 replica\. Allowed: [^\n]+\n$/,
      ),
    });
  });

  it.each([
    ['of one server', {}, inCluster, 'are those of one server alone', 'Set it to nothing'],
    [
      'of a cluster',
      inCluster,
      {},
      'are those of the cluster two_servers',
      'Set it to "two_servers"',
    ],
  ])('takes no tables %s for others', async (_, first, second, what, instead) => {
    const address = addressOf(0, newDatabase());
    expect(await runProgram('migrate', { ...address, ...first })).toMatchObject({ code: 0 });
    const { code, stderr } = await runProgram('receiver', { ...address, ...second });
    expect(code).toBe(1);
    expect(stderr).toContain(what);
    expect(stderr).toContain(instead);
  });

  it('only reads where there is nothing to do', async () => {
    const database = newDatabase();
    expect((await runProgram('migrate', addressOf(0, database))).code).toBe(0);
    expect(await runProgram('migrate', addressOf(0, database, 'readUrl'))).toMatchObject({
      stdout: 'nothing to do\n',
      stderr: '',
    });
  });

  it('waits for the tables of the other server, and names it in the end', async () => {
    const database = newDatabase();
    expect(await runProgram('migrate', { ...addressOf(0, database), ...inCluster })).toMatchObject({
      stdout: 'applied: failures\n',
    });
    const client = createStoreClient({ url: two.servers[0].writeUrl });
    onTestFinished(() => client.close());
    const warned: string[] = [];
    const logger = {
      info() {},
      error() {},
      warn: (_: object, message: string) => void warned.push(message),
    };
    const wait = (waitMs: number) => awaitOtherServers({ client, database, logger, waitMs });
    await expect(wait(1_000)).rejects.toMatchObject({
      code: 'cluster_incomplete',
      message: expect.stringContaining(`yet on 127.0.0.1:${two.servers[1].nativePort}, `),
    });

    const waiting = wait(60_000);
    await runProgram('migrate', { ...addressOf(1, database), ...inCluster });
    await waiting;
    expect(warned).toEqual([]);

    // One that is away is no reason not to start.
    await two.servers[1].kill();
    await wait(1_000);
    expect(warned).toEqual([expect.stringContaining('Not all shards of the cluster answer')]);
    const receiver = await startProgram('receiver', { ...addressOf(0, database), ...inCluster });
    await receiver.stop();
    await two.servers[1].start();
  });

  it('is migrated by one of many, on each server', async () => {
    const database = newDatabase();
    const all = ([0, 1] as const).flatMap((server) =>
      Array.from({ length: 4 }, async () => {
        const { code, stdout } = await runProgram('migrate', {
          ...addressOf(server, database),
          ...inCluster,
        });
        return `${server} ${code} ${stdout.trim()}`;
      }),
    );
    const nothing = ['0 nothing to do', '0 nothing to do', '0 nothing to do'];
    expect((await Promise.all(all)).toSorted()).toEqual([
      ...['0 applied: failures', ...nothing].map((line) => `0 ${line}`),
      ...['0 applied: failures', ...nothing].map((line) => `1 ${line}`),
    ]);
  });
});
