import { afterAll, beforeAll, expect, it } from 'vitest';
import { createApp } from './app.ts';
import { loopbackGuard } from './authorise/loopback.ts';
import { createLateReader } from './late-reader.ts';
import { createTestDatabase, failedRun, type TestDatabase } from './testing/database.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());

it('says why while there is no ClickHouse, and reads where there is one', async () => {
  const stackText = 'Error: late\n    at a (b.js:1:1)\n';
  await database.write(failedRun('run_late', { message: 'late', stackText }));
  const late = createLateReader('ClickHouse starts.');
  const app = createApp({ reader: late.reader, guard: loopbackGuard });
  const paths = ['/api/runs', '/api/runs/run_late', '/api/runs/run_late/trace'];
  const statuses = () => Promise.all(paths.map(async (path) => (await app.request(path)).status));

  expect(await (await app.request('/readyz')).json()).toMatchObject({
    status: 503,
    detail: 'ClickHouse starts. Try again later.',
  });
  expect(await statuses()).toEqual([503, 503, 503]);
  late.connect(database.address);
  expect(await statuses()).toEqual([200, 200, 200]);
  expect(await (await app.request('/api/runs/run_late/trace')).text()).toBe(stackText);
  await late.disconnect('It has ended.');
  expect(await statuses()).toEqual([503, 503, 503]);
  late.connect(database.address);
  expect(await statuses()).toEqual([200, 200, 200]);
  await late.disconnect('The test ends.');
});
