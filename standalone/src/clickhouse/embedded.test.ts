import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { entries, loginFile } from './configuration.ts';
import { startEmbeddedClickHouse } from './embedded.ts';
import { query } from '../testing/ask.ts';

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(path.join(tmpdir(), 'failtrace-embedded-'));
});
afterEach(async () => {
  await rm(directory, { recursive: true, force: true });
});

describe('the embedded ClickHouse', () => {
  it('keeps its data over a restart', async () => {
    const first = await startEmbeddedClickHouse(directory);
    await query(first.writeUrl, 'CREATE DATABASE failtrace');
    await query(
      first.writeUrl,
      'CREATE TABLE failtrace.t (a UInt32) ENGINE = MergeTree ORDER BY a',
    );
    await query(first.writeUrl, 'INSERT INTO failtrace.t VALUES (42)');
    await first.stop();
    expect(await first.ended).toEqual({ code: 0, signal: null });

    const second = await startEmbeddedClickHouse(directory);
    expect(await query(second.writeUrl, 'SELECT a FROM failtrace.t')).toBe('42');
    await second.stop();
  });

  it('refuses a data directory that another server uses, and leaves that one alone', async () => {
    const first = await startEmbeddedClickHouse(directory);
    await expect(startEmbeddedClickHouse(directory)).rejects.toMatchObject({
      code: 'data_directory_in_use',
      message: expect.stringContaining('FAILTRACE_DATA_DIR'),
    });
    expect(await query(first.writeUrl, 'SELECT 1')).toBe('1');
    await first.stop();
  });

  it('unlocks the directory when the server is killed', async () => {
    const first = await startEmbeddedClickHouse(directory);
    process.kill(first.pid, 'SIGKILL');
    await first.ended;
    const second = await startEmbeddedClickHouse(directory);
    expect(await query(second.writeUrl, 'SELECT 1')).toBe('1');
    await second.stop();
  });

  it('does not hang where no directory can be made', async () => {
    await expect(startEmbeddedClickHouse('/proc/failtrace/data')).rejects.toMatchObject({
      code: 'data_directory_unusable',
    });
  });

  /** Starts with a program of ours in place of Node, as if that had gone or gone wrong. */
  function startAs(program: string): Promise<unknown> {
    const { execPath } = process;
    process.execPath = program;
    onTestFinished(() => {
      process.execPath = execPath;
    });
    return startEmbeddedClickHouse(directory);
  }

  it('says that its process cannot be started', async () => {
    await expect(startAs(path.join(directory, 'no-node'))).rejects.toMatchObject({
      code: 'embedded_clickhouse_failed',
      message: expect.stringContaining('ENOENT'),
    });
  });

  it('does not take for a port what is none, and leaves nothing running', async () => {
    const program = path.join(directory, 'node');
    const pidFile = path.join(directory, 'pid');
    await writeFile(program, `#!/bin/sh\necho $$ > ${pidFile}\necho nonsense\nexec sleep 60\n`, {
      mode: 0o700,
    });
    await expect(startAs(program)).rejects.toMatchObject({ code: 'embedded_clickhouse_failed' });
    const pid = Number(await readFile(pidFile, 'utf8'));
    expect(() => process.kill(pid, 0)).toThrow('ESRCH');
  });

  it('leaves no server behind when the login cannot be written', async () => {
    const inTheWay = path.join(directory, entries.configuration, loginFile);
    await mkdir(path.join(inTheWay, 'x'), { recursive: true });
    await expect(startEmbeddedClickHouse(directory)).rejects.toMatchObject({
      code: 'embedded_clickhouse_failed',
      message: expect.stringContaining(loginFile),
    });
    await rm(inTheWay, { recursive: true });
    const second = await startEmbeddedClickHouse(directory);
    expect(await query(second.writeUrl, 'SELECT 1')).toBe('1');
    await second.stop();
  });

  it('names a data directory that cannot be made', async () => {
    const file = path.join(directory, 'file');
    await writeFile(file, '');
    await expect(startEmbeddedClickHouse(path.join(file, 'data'))).rejects.toMatchObject({
      code: 'data_directory_unusable',
      message: expect.stringContaining(file),
    });
  });
});
