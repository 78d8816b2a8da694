import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { TestProject } from 'vitest/node';
import { startEmbeddedClickHouse } from './standalone/src/clickhouse/embedded.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** A real ClickHouse server that lives as long as the test run, with a user's login. */
    clickhouseUrl: string;
  }
}

/** One real ClickHouse for the whole test run; each test file makes a database of its own, `ft_…`, in it. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const directory = await mkdtemp(path.join(tmpdir(), 'failtrace-test-'));
  const clickhouse = await startEmbeddedClickHouse(directory, { databases: ['ft_*'] });
  project.provide('clickhouseUrl', clickhouse.writeUrl);
  return async () => {
    await clickhouse.stop();
    await rm(directory, { recursive: true, force: true });
  };
}
