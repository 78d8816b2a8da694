import { randomBytes, randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  runtimeStacks,
  type RuntimeStack,
  type Varying,
} from '../../collector-plugin/testing/runtime-stacks.ts';
import { createApp } from './app.ts';
import { loopbackGuard } from './authorise/loopback.ts';
import { createReader } from './read/reader.ts';
import type { ApiApp } from './routes/env.ts';
import { createTestDatabase, failedRun } from './testing/database.ts';
import type { TestDatabase } from './testing/database.ts';

let database: TestDatabase;
let app: ApiApp;

beforeAll(async () => {
  database = await createTestDatabase();
  app = createApp({
    reader: createReader(database.readClient),
    guard: loopbackGuard,
    logger: { info() {}, warn() {}, error() {} },
  });
});
afterAll(() => database.drop());

async function storedTexts(runIds: readonly string[]): Promise<number> {
  const result = await database.client.query({
    query: `SELECT uniqExact(text_hash) AS texts FROM run_records
      WHERE has({ids:Array(String)}, run_id) AND source != 'none'`,
    query_params: { ids: runIds },
    format: 'JSONEachRow',
  });
  const [row] = await result.json<{ texts: string }>();
  return Number(row?.texts);
}

function varying(digits: number): Varying {
  return {
    order: 10 ** digits + Math.floor(Math.random() * 10 ** digits),
    address: randomBytes(6).toString('hex'),
    uuid: randomUUID(),
    moment: new Date().toISOString(),
    id: `7${randomBytes(6 + digits).toString('hex')}`,
    customer: ['alice', 'Bartholomew', 'Zwingli'][digits % 3] ?? '',
  };
}

/** Go's stack does not say what happened, so the download says it above. */
function asDownloaded(runtime: string, { message, text: stackText }: RuntimeStack) {
  const text = runtime === 'Go' ? `OrderError: ${message}\n${stackText}` : stackText;
  return { message, stackText, text };
}

describe.each(Object.entries(runtimeStacks))(
  'failures of %s that differ in values',
  (name, stack) => {
    const runs = [1, 2, 3, 4, 5, 6].map((digits) => ({
      runId: `${name} ${digits}`,
      ...asDownloaded(name, stack(varying(digits))),
    }));

    beforeAll(async () => {
      for (const { runId, message, stackText } of runs) {
        await database.write(failedRun(runId, { message, stackText }));
      }
    });

    it('share one stored text', async () => {
      expect(await storedTexts(runs.map(({ runId }) => runId))).toBe(1);
    });

    it('are given back byte for byte, with their length beforehand', async () => {
      for (const { runId, text } of runs) {
        const response = await app.request(`/api/runs/${encodeURIComponent(runId)}/trace`);
        expect(response.headers.get('content-length')).toBe(String(Buffer.byteLength(text)));
        expect(await response.text()).toBe(text);
      }
    });

    it('have one fingerprint', async () => {
      const fingerprints = new Set<string>();
      for (const { runId, text } of runs) {
        const response = await app.request(`/api/runs/${encodeURIComponent(runId)}`);
        const run = (await response.json()) as { fingerprint: string; trace: { bytes: number } };
        fingerprints.add(run.fingerprint);
        expect(run.trace.bytes).toBe(Buffer.byteLength(text));
      }
      expect([...fingerprints]).toEqual([expect.stringMatching(/^[0-9a-f]{16}$/)]);
    });
  },
);

describe('a failure with another cause', () => {
  it('has another fingerprint', async () => {
    const fingerprints = new Set<string>();
    for (const cause of ['no row for order 1', 'no connection to 1']) {
      const stackText = `E: gone\n    at x (x.js:1:1)\nCaused by: ${cause}`;
      await database.write(failedRun(cause, { message: 'gone', stackText }));
      const response = await app.request(`/api/runs/${encodeURIComponent(cause)}`);
      fingerprints.add(((await response.json()) as { fingerprint: string }).fingerprint);
    }
    expect(fingerprints.size).toBe(2);
  });
});

describe('bytes of any kind', () => {
  it.each([
    ['invalid UTF-8', Buffer.from([0xff, 0x34, 0x32, 0xfe, 0x0a, 0x00, 0x31, 0x32])],
    ['nothing but values', Buffer.from('1 2 3')],
    ['a value across two chunks', Buffer.from(`${'x\n'.repeat(32_766)}  4711 is gone`)],
    ['a long text', Buffer.from('no frame 4711\n'.repeat(20_000))],
  ])('come back: %s', async (name, text) => {
    await database.write(failedRun(name, { type: '', message: '', stackText: text }));
    const response = await app.request(`/api/runs/${encodeURIComponent(name)}/trace`);
    expect(Buffer.from(await response.arrayBuffer()).equals(text)).toBe(true);
  });
});
