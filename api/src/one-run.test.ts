import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createApp } from './app.ts';
import { loopbackGuard } from './authorise/loopback.ts';
import { createReader } from './read/reader.ts';
import type { ApiApp } from './routes/env.ts';
import { ago, createTestDatabase, failedRun, failure, runSpan } from './testing/database.ts';
import type { TestDatabase } from './testing/database.ts';

const hugeBytes = 20_000_000;

let database: TestDatabase;
let app: ApiApp;

beforeAll(async () => {
  database = await createTestDatabase();
  app = createApp({ reader: createReader(database.readClient), guard: loopbackGuard });
});
afterAll(() => database.drop());

async function get(path: string, init: RequestInit = {}) {
  const response = await app.request(path, init);
  return { status: response.status, body: await response.json() };
}

function lookup(ids: string[]) {
  const headers = { 'Content-Type': 'application/json' };
  const body = JSON.stringify({ run_ids: ids });
  return get('/api/runs/lookup', { method: 'POST', headers, body });
}

describe('one run of seven messages of 20 MB', () => {
  const trace = { traceId: randomBytes(16), endedAt: ago(70_000) };
  const messages = Array.from({ length: 7 }, (_, index) =>
    Buffer.from(`${index}: é`.padEnd(hugeBytes, `${index}é`)),
  );

  beforeAll(async () => {
    const root = runSpan({ ...trace, runId: 'heavy' });
    await database.write({ runSpans: [root] });
    for (const [index, message] of messages.entries()) {
      const own = { ...trace, parentSpanId: root.spanId, occurredAt: ago(80_000 + index) };
      await database.write({ failures: [failure({ ...own, message, stackText: '' })] });
    }
    for (let index = 0; index < 5; index += 1) await database.write(failedRun(`light-${index}`));
  });

  it('leaves the list, the look-up and its own detail to everybody', async () => {
    const list = await get('/api/runs');
    expect(list.status).toBe(200);
    expect(list.body.runs).toHaveLength(6);
    const looked = await lookup(['heavy', 'light-1']);
    expect(looked.status).toBe(200);
    const detail = await get('/api/runs/heavy');
    expect(detail.status).toBe(200);
    const heavy = list.body.runs.find((run: { run_id: string }) => run.run_id === 'heavy');
    for (const run of [heavy, looked.body.runs[0], detail.body]) {
      expect(run).toMatchObject({ run_id: 'heavy', error_message_truncated: true });
      expect(run.error_message.length).toBeGreaterThan(30_000);
      expect(run.error_message).toMatch(/^\d: é(?:\dé)+\d?$/);
      expect(run.trace.bytes).toBeGreaterThan(7 * hugeBytes);
    }
    expect(looked.body.runs[1]).toMatchObject({ error_message_truncated: false });
  });

  it('is whole in its own text, byte for byte', async () => {
    const response = await app.request('/api/runs/heavy/trace');
    const text = Buffer.from(await response.arrayBuffer());
    expect(text.length).toBe(Number(response.headers.get('content-length')));
    for (const message of messages) expect(text.includes(message)).toBe(true);
  });
});

describe('the whole message on its own route', () => {
  it.each([0, 20, 9_000, 300_000])('of %i bytes is given byte for byte', async (bytes) => {
    const message = randomBytes(bytes);
    const runId = `whole-${bytes}`;
    await database.write(failedRun(runId, { message, stackText: 'E' }));
    const response = await app.request(`/api/runs/${runId}/message`);
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toBe('text/plain; charset=utf-8');
    expect(Buffer.from(await response.arrayBuffer()).equals(message)).toBe(true);
  });

  it('is not there for a run that is not', async () => {
    expect((await get('/api/runs/nobody/message')).body).toMatchObject({ code: 'run_not_found' });
  });
});

describe('a message too long for its row', () => {
  it.each([8192, 8193, 65_536, 65_537, 200_000])(
    'of %i bytes comes back in its stack text, byte for byte',
    async (bytes) => {
      const message = randomBytes(bytes / 2)
        .toString('hex')
        .padEnd(bytes, 'z');
      const stackText = `E: ${message}\n    at a\nCaused by: ${message}\n    at b`;
      await database.write(failedRun(`long-${bytes}`, { message, stackText }));
      const response = await app.request(`/api/runs/long-${bytes}/trace`);
      expect((await response.text()) === stackText).toBe(true);
      const { body } = await get(`/api/runs/long-${bytes}`);
      expect(body.error_message_truncated).toBe(bytes > 65_536);
      expect(body.error_message === message.slice(0, 65_536)).toBe(true);
    },
  );
});

describe('a look-up', () => {
  it('counts every record that it answers, and shortens their messages rather than fail', async () => {
    const message = 'm'.repeat(60_000);
    await database.write(failedRun('often', { message, stackText: '' }));
    const { status, body } = await lookup(Array<string>(500).fill('often'));
    expect(status).toBe(200);
    expect(body.runs).toHaveLength(500);
    expect(JSON.stringify(body).length).toBeLessThan(2_000_000);
    expect(body.runs[499]).toMatchObject({
      error_message: 'm'.repeat(1000),
      error_message_truncated: true,
    });
    expect((await lookup(['often'])).body.runs[0].error_message).toBe(message);
  });
});
