import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createApp } from './app.ts';
import { loopbackGuard } from './authorise/loopback.ts';
import { createReader } from './read/reader.ts';
import { ago, createTestDatabase, failure, runSpan } from './testing/database.ts';
import type { TestDatabase } from './testing/database.ts';

let database: TestDatabase;

beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());

/** Letters alone, so that nothing of it is cut out and each text is one of its own. */
function word(index: number): string {
  return String(index).replace(/\d/g, (digit) => 'abcdefghij'.charAt(Number(digit)));
}

it('tells a run of which thousands of texts may be missing', async () => {
  const endedAt = ago(60_000);
  const traces = Array.from({ length: 6 }, () => randomBytes(16));
  await database.write({
    runSpans: traces.map((traceId) => runSpan({ traceId, runId: 'many-texts', endedAt })),
    failures: traces.flatMap((traceId, of) =>
      Array.from({ length: 800 }, (_, index) =>
        failure({
          traceId,
          parentSpanId: randomBytes(8),
          namespace: of % 2 === 0 ? 'shop' : 'bank',
          endedAt: endedAt - BigInt(index),
          stackText: `OrderError: Order 4711 not found\n    at ${word(of * 1_000 + index)}_place (orders.js:1:2)`,
        }),
      ),
    ),
  });
  const app = createApp({ reader: createReader(database.readClient), guard: loopbackGuard });
  const response = await app.request('/api/runs/many-texts');
  const run = (await response.json()) as {
    attempt_list: { failures: { text_lost: boolean }[] }[];
  };
  expect(response.status).toBe(200);
  const failures = run.attempt_list.flatMap((attempt) => attempt.failures);
  expect(failures.length).toBeGreaterThan(4_000);
  expect(failures.some(({ text_lost }) => text_lost)).toBe(false);
});
