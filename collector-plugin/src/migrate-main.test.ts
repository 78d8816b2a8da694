import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { describe, expect, inject, it, onTestFinished } from 'vitest';
import { createStoreClient } from './store/client.ts';

const PROCESSES = 8;

function newDatabase(): string {
  const database = `ft_processes_${randomBytes(6).toString('hex')}`;
  onTestFinished(async () => {
    const client = createStoreClient({ url: inject('clickhouseUrl') });
    await client.command({ query: `DROP DATABASE IF EXISTS ${database}` });
    await client.close();
  });
  return database;
}

function run(file: URL, args: string[], env: Record<string, string> = {}) {
  const child = spawn(
    process.execPath,
    ['--conditions=failtrace-source', fileURLToPath(file), ...args],
    { env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'] },
  );
  onTestFinished(() => void child.kill('SIGKILL'));
  return child;
}

/** What a migrating process printed, and how it ended. */
async function migrateInProcess(env: Record<string, string>): Promise<string> {
  const child = run(new URL('./migrate-main.ts', import.meta.url), [], env);
  const [stdout, stderr, [code]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'exit'),
  ]);
  return `${code} ${stdout}${stderr}`.trim();
}

const oneApplied = ['0 applied: failures', ...Array<string>(PROCESSES - 1).fill('0 nothing to do')];

describe('failtrace-migrate', () => {
  it('is done by one of many processes that start at once on an empty server', async () => {
    const CLICKHOUSE_URL = new URL(newDatabase(), inject('clickhouseUrl')).href;
    const all = Array.from({ length: PROCESSES }, () => migrateInProcess({ CLICKHOUSE_URL }));
    expect((await Promise.all(all)).toSorted()).toEqual(oneApplied);
  });

  it('is waited for, and taken over from a process that was killed in the middle', async () => {
    const database = newDatabase();
    const stuck = run(new URL('../testing/stuck-migrator.ts', import.meta.url), [
      inject('clickhouseUrl'),
      database,
    ]);
    await once(createInterface({ input: stuck.stdout }), 'line');
    const CLICKHOUSE_URL = new URL(database, inject('clickhouseUrl')).href;
    const ended: string[] = [];
    const all = Array.from({ length: PROCESSES }, async () => {
      ended.push(await migrateInProcess({ CLICKHOUSE_URL }));
    });
    // Longer than a lease, were it not renewed.
    await sleep(12_000);
    expect(ended).toEqual([]);
    stuck.kill('SIGKILL');
    await Promise.all(all);
    expect(ended.toSorted()).toEqual(oneApplied);
  });
});
