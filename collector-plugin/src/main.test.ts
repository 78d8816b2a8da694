import { spawn, spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { platform, tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { createKeyFinder } from '@failtrace/contract/server';
import { beforeEach, describe, expect, inject, it, onTestFinished } from 'vitest';
import { startStallableProxy } from '../testing/stallable-proxy.ts';
import { longMessage } from '../testing/packed-requests.ts';
import { readReceiverSettings } from './settings.ts';
import { createStoreClient } from './store/client.ts';

const MEBIBYTE = 2 ** 20;
const fromSource = ['--conditions=failtrace-source'];
const fileOf = (name: string) => fileURLToPath(new URL(`./${name}`, import.meta.url));

/** The receiver as a process of its own; resolves when it listens. */
async function startProcess(env: Record<string, string>): Promise<{ url: string; pid: number }> {
  const child = spawn(process.execPath, [...fromSource, fileOf('main.ts')], {
    env: { ...process.env, FAILTRACE_OTLP_PORT: '0', ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  onTestFinished(async () => {
    const ended = once(child, 'exit');
    if (child.kill('SIGTERM')) await ended;
  });
  const [line] = (await once(createInterface({ input: child.stdout }), 'line')) as [string];
  return { url: /http:\/\/[^/]+/.exec(line)?.[0] ?? '', pid: child.pid ?? 0 };
}

describe('the receiver as a process', () => {
  beforeEach((context) => {
    if (platform() !== 'linux') context.skip('the memory of a process is read from /proc');
  });

  it.each([1, 8])(
    'keeps to twice its budget while ClickHouse hangs and senders go on (workers: %i)',
    async (workers) => {
      const database = `ft_main_${randomBytes(6).toString('hex')}`;
      const proxy = await startStallableProxy(new URL(database, inject('clickhouseUrl')).href);
      onTestFinished(async () => {
        await proxy.close();
        const client = createStoreClient({ url: inject('clickhouseUrl') });
        await client.command({ query: `DROP DATABASE IF EXISTS ${database}` });
        await client.close();
      });
      const receiver = await startProcess({
        CLICKHOUSE_URL: proxy.through,
        FAILTRACE_RECEIVER_WORKERS: String(workers),
      });
      const packed = new Uint8Array(longMessage(19 * MEBIBYTE).packed);
      const statuses: number[] = [];
      proxy.stall();
      const all = Array.from({ length: 40 }, async () => {
        const response = await fetch(`${receiver.url}/v1/traces`, {
          method: 'POST',
          body: packed,
          headers: { 'content-type': 'application/json', 'content-encoding': 'gzip' },
        });
        await response.arrayBuffer();
        statuses.push(response.status);
      });
      // Refused at once, while what was taken waits.
      await expect.poll(() => statuses.length, { timeout: 30_000 }).toBeGreaterThan(30);
      expect(new Set(statuses)).toEqual(new Set([429]));
      proxy.resume();
      await Promise.all(all);
      const [, peak] =
        /VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${receiver.pid}/status`, 'utf8')) ?? [];
      const { maxBodyBytes, maxBufferedBytes } = readReceiverSettings({});
      // What collector-plugin/README.md promises.
      const eachMore = 25 * MEBIBYTE + 2 * maxBodyBytes;
      const most = 2 * maxBufferedBytes + (workers - 1) * eachMore;
      expect(Number(peak) * 1_024).toBeLessThan(most);
    },
  );
});

describe('failtrace-otlp-key', () => {
  const run = (...args: string[]) =>
    spawnSync(process.execPath, [...fromSource, fileOf('otlp-key-main.ts'), ...args], {
      encoding: 'utf8',
    });

  it('shows a key, and the entry that the receiver takes in its place', () => {
    const { status, stdout, stderr } = run('shop-collector', 'shop');
    expect(status).toBe(0);
    const directory = mkdtempSync(path.join(tmpdir(), 'failtrace-otlp-key-'));
    onTestFinished(() => rmSync(directory, { recursive: true }));
    const file = path.join(directory, 'keys.json');
    writeFileSync(file, `{"keys":[${stderr.slice(stderr.indexOf('{'))}]}`);
    const { auth } = readReceiverSettings({ FAILTRACE_OTLP_KEYS_FILE: file });
    if (auth.mode !== 'api-key') throw new Error('no keys were read');
    expect(createKeyFinder(auth.keys)(stdout.trim())).toMatchObject({
      name: 'shop-collector',
      namespace: 'shop',
    });
    expect(stderr).not.toContain(stdout.trim());
  });

  it.each([[[]], [['a', 'b', 'c']]])('says how it is used when it gets %j', (args) => {
    expect(run(...args)).toMatchObject({ status: 2, stdout: '' });
  });
});
