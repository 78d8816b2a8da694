import { inject, afterEach, describe, expect, it } from 'vitest';
import { DEFAULT_RUN_ID_ATTRIBUTES } from '../decode/attribute-names.ts';
import { startBodyWorker, type BodyWorker } from './body-worker.ts';
import { budgetOf, createSharedBudget, type SharedBudget } from './buffer-budget.ts';
import type { PackedBody } from './packed-body.ts';

const EMPTY_REQUEST = '{}';
let logged: Record<string, unknown>[];
let budget: SharedBudget;
let worker: BodyWorker | undefined;

async function start(entry?: URL): Promise<BodyWorker> {
  logged = [];
  budget = createSharedBudget(64 * 2 ** 20);
  worker = await startBodyWorker({
    data: {
      clickhouse: {
        url: inject('clickhouseUrl'),
        username: 'default',
        password: '',
        database: 'default',
      },
      slots: [],
      retentionMs: 60_000,
      fsync: true,
      runIdAttributes: DEFAULT_RUN_ID_ATTRIBUTES,
      maxBodyBytes: 20 * 2 ** 20,
      budget,
      workers: 1,
    },
    worker: 0,
    logger: { info() {}, warn() {}, error: (fields) => void logged.push(fields) },
    heapMb: 64,
    ...(entry && { entry }),
  });
  return worker;
}
afterEach(() => worker?.close());

function body(text: string): PackedBody {
  return {
    signal: 'traces',
    contentCoding: 'identity',
    messageEncoding: 'json',
    chunks: [new Uint8Array(Buffer.from(text))],
  };
}

describe('the worker thread', () => {
  it.each([
    ['run out of memory', { code: 'ERR_WORKER_OUT_OF_MEMORY' }],
    ['throw a fault', { name: 'TypeError' }],
  ])('may %s: what was under way fails, and another takes over', async (word, err) => {
    const { process } = await start(new URL('../../testing/dying-thread.ts', import.meta.url));
    expect(await process(body(EMPTY_REQUEST))).toEqual({ rejected: 0, message: '' });
    budgetOf(budget, 0).hold(1_000);
    const underWay = [process(body(word)), process(body(EMPTY_REQUEST))];
    for (const request of underWay) {
      await expect(request).rejects.toMatchObject({ code: 'worker_ended' });
    }
    // What the dead thread held is free again.
    expect(budgetOf(budget, 'transport').freeBytes()).toBe(budget.maxBytes);
    expect(logged).toMatchObject([{ err }]);
    await expect(process(body(EMPTY_REQUEST))).rejects.toMatchObject({ code: 'worker_ended' });
    await expect
      .poll(() => process(body(EMPTY_REQUEST)).catch(() => 'not yet'), { timeout: 10_000 })
      .toEqual({ rejected: 0, message: '' });
  });

  it('says why it cannot start, and is not tried again', async () => {
    await expect(start(new URL('./no-such-file.ts', import.meta.url))).rejects.toThrow(
      'no-such-file',
    );
    worker = undefined;
  });

  it('takes the bytes over, where they have a buffer of their own', async () => {
    const { process } = await start();
    const moved = body(EMPTY_REQUEST);
    await process(moved);
    expect(moved.chunks[0]?.byteLength).toBe(0);
  });

  it('refuses a body whose bytes were moved before, and forgets it', async () => {
    const { process } = await start();
    const moved = body(EMPTY_REQUEST);
    structuredClone(moved.chunks[0], { transfer: [moved.chunks[0]?.buffer ?? new ArrayBuffer()] });
    await expect(process(moved)).rejects.toMatchObject({ name: 'DataCloneError' });
    expect(await process(body(EMPTY_REQUEST))).toEqual({ rejected: 0, message: '' });
  });

  it('may be told to close twice', async () => {
    const twice = await start();
    await Promise.all([twice.close(), twice.close()]);
    await expect(twice.process(body(EMPTY_REQUEST))).rejects.toMatchObject({
      code: 'worker_ended',
    });
  });
});
