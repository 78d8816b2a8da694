import { createReadClient } from '@failtrace/api';
import { requireClickHouseAddress } from '@failtrace/contract/server';
import { startEmbeddedClickHouse } from 'failtrace';
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { select } from '../api/src/read/select.ts';
import { startFailtrace } from './command/failtrace-process.ts';
import { oneFailure, sendOneFailure } from './command/one-failure.ts';
import { makeLoopDisk, needsDisks, type LoopDisk } from './disks/loop-disk.ts';

beforeEach(needsDisks);

async function disk(mebibytes: number): Promise<LoopDisk> {
  const made = await makeLoopDisk(mebibytes);
  onTestFinished(() => made.remove());
  return made;
}

describe('a disk without one free byte', () => {
  it('takes nothing from what is read, and acknowledges nothing; with space all goes on by itself', async () => {
    const full = await disk(128);
    const failtrace = await startFailtrace({ FAILTRACE_DATA_DIR: `${full.directory}/data` });
    onTestFinished(async () => void (await failtrace.end('SIGTERM')));
    const { otlpUrl, dashboardUrl } = failtrace;
    const get = (path: string) => fetch(`${dashboardUrl}/api/runs${path}`);
    const post = (body: string) =>
      fetch(`${otlpUrl}/v1/traces`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body,
      });
    const stored = new Map<string, string>();
    for (const runId of ['one', 'two', 'three']) {
      stored.set(runId, await sendOneFailure(otlpUrl, runId));
    }
    const expectReadable = async () => {
      for (const [runId, text] of stored) {
        expect(await (await get(`/${runId}/trace`)).text()).toBe(text);
        expect(await (await get(`/${runId}`)).json()).toMatchObject({ status: 'failed' });
      }
      const list = (await (await get('')).json()) as { runs: Array<{ run_id: string }> };
      expect(list.runs.map((run) => run.run_id).toSorted()).toEqual([...stored.keys()].toSorted());
    };

    full.fill();
    await expectReadable();
    const refused = oneFailure('four', '');
    for (let attempt = 0; attempt < 3; attempt += 1) {
      const answer = await post(refused.body);
      expect(answer.status).toBe(503);
      expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0);
    }
    await expectReadable();

    await full.free();
    expect((await post(refused.body)).status).toBe(200);
    stored.set('four', refused.stackText);
    await expectReadable();
  });

  it('is told where an answer did not come whole', async () => {
    const full = await disk(64);
    const clickhouse = await startEmbeddedClickHouse(`${full.directory}/data`);
    onTestFinished(() => clickhouse.stop());
    const url = new URL('system', clickhouse.readUrl).href;
    const client = createReadClient(requireClickHouseAddress({ CLICKHOUSE_URL: url }));
    onTestFinished(() => client.close());
    const numbers = (count: number, bufferBytes?: number) =>
      select(
        client,
        {
          sql: `SELECT toUInt32(number) FROM numbers(${count})`,
          params: {},
          settings:
            bufferBytes === undefined ? {} : { http_response_buffer_size: String(bufferBytes) },
          decode: (row) => row.uint32(),
        },
        undefined,
      );
    const incomplete = {
      code: 'storage_unavailable',
      message: expect.stringMatching(/incomplete/),
    };

    full.fill();
    expect(await numbers(3)).toEqual([0, 1, 2]);
    expect(await numbers(2_000_000)).toHaveLength(2_000_000);
    // What is not kept in memory goes through ClickHouse's disk, and is lost there without an error.
    await expect(numbers(3, 0)).rejects.toMatchObject(incomplete);
    await expect(numbers(2_000_000, 4_000_000)).rejects.toMatchObject(incomplete);
    await full.free();
    expect(await numbers(3, 0)).toEqual([0, 1, 2]);
  });
});
