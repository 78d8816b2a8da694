import { afterEach, describe, expect, inject, it } from 'vitest';
import { DEFAULT_RUN_ID_ATTRIBUTES } from '../decode/attribute-names.ts';
import { startBodyWorkers, type BodyWorkers } from './body-workers.ts';
import { createSharedBudget } from './buffer-budget.ts';
import type { PackedBody } from './packed-body.ts';

const MEBIBYTE = 2 ** 20;
const DYING = new URL('../../testing/dying-thread.ts', import.meta.url);
const STORED = { rejected: 0, message: '' };
let logged: Record<string, unknown>[];
let workers: BodyWorkers | undefined;
afterEach(() => workers?.close());

async function start(count: number, entry?: URL): Promise<BodyWorkers> {
  logged = [];
  workers = await startBodyWorkers({
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
      maxBodyBytes: 20 * MEBIBYTE,
      budget: createSharedBudget(64 * MEBIBYTE, count),
      workers: count,
    },
    logger: { info() {}, warn() {}, error: (fields) => void logged.push(fields) },
    ...(entry && { entry }),
  });
  return workers;
}

function body(text: string): PackedBody {
  return {
    signal: 'traces',
    contentCoding: 'identity',
    messageEncoding: 'json',
    chunks: [new Uint8Array(Buffer.from(text))],
  };
}

/** JSON that holds nothing and takes a while to be passed over. */
const slow = () => body(`{"resourceSpans":[]${' '.repeat(15 * MEBIBYTE)}}`);

/** The order in which a long body and then a short one are answered. */
async function race({ process }: BodyWorkers): Promise<string> {
  const answered: string[] = [];
  const long = process(slow()).then(() => answered.push('long'));
  const short = process(body('{}')).then(() => answered.push('short'));
  await Promise.all([long, short]);
  return answered.join(', ');
}

/** With so many bodies at once that all workers get something to do, and are started. */
async function startBusy(count: number, entry?: URL): Promise<BodyWorkers> {
  const busy = await start(count, entry);
  await expect.poll(() => race(busy), { timeout: 20_000 }).toBe('short, long');
  return busy;
}

describe('several worker threads', () => {
  it('share the work: a short body does not wait behind a long one', async () => {
    expect(await race(await start(1))).toBe('long, short');
    await workers?.close();
    await startBusy(2);
  });

  it('go on with the others while one is started again', async () => {
    const { process } = await startBusy(2, DYING);
    await expect(process(body('throw a fault'))).rejects.toMatchObject({ code: 'worker_ended' });
    expect(logged).toMatchObject([{ err: { name: 'TypeError' }, worker: 0 }]);
    const all = Array.from({ length: 20 }, () => process(body('{}')));
    expect(await Promise.all(all)).toEqual(Array.from({ length: 20 }, () => STORED));
  });

  it('all answer what they have before they end', async () => {
    const busy = await startBusy(3);
    const all = Array.from({ length: 6 }, () => busy.process(slow()));
    await busy.close();
    expect(await Promise.all(all)).toEqual(Array.from({ length: 6 }, () => STORED));
    await expect(busy.process(body('{}'))).rejects.toMatchObject({ code: 'worker_ended' });
  });

  it('end while another one is being started', async () => {
    const two = await start(2);
    const all = [two.process(slow()), two.process(slow())];
    await two.close();
    expect(await Promise.all(all)).toEqual([STORED, STORED]);
  });

  it('say why the first one cannot start', async () => {
    await expect(start(2, new URL('./no-such-file.ts', import.meta.url))).rejects.toThrow(
      'no-such-file',
    );
    workers = undefined;
  });
});
