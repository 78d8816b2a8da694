import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTestDatabase, failedRun } from './testing/database.ts';
import type { TestDatabase } from './testing/database.ts';

let database: TestDatabase;
let directory: string;

beforeAll(async () => {
  database = await createTestDatabase();
  directory = await mkdtemp(path.join(tmpdir(), 'failtrace-api-'));
});
afterAll(async () => {
  await database.drop();
  await rm(directory, { recursive: true });
});

function start(entry: string, env: Record<string, string>, args: string[] = []) {
  const file = fileURLToPath(new URL(entry, import.meta.url));
  return spawn(process.execPath, ['--conditions=failtrace-source', file, ...args], { env });
}

async function ended(child: ReturnType<typeof start>) {
  const [stdout, stderr, [code]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'exit'),
  ]);
  return { stdout, stderr, code: code as number | null };
}

/** The lines of a log. */
function messagesOf(stderr: string): unknown[] {
  const lines = stderr.trim().split('\n');
  return lines.map((line) => (JSON.parse(line) as { msg: unknown }).msg);
}

describe('failtrace-api', () => {
  it.each([
    ['CLICKHOUSE_URL is not set.', {}],
    ['CLICKHOUSE_URL is not understood: ', { CLICKHOUSE_URL: 'tcp://u:hunter2@ch' }],
    ['CLICKHOUSE_URL is not understood: ', { CLICKHOUSE_URL: 'http://u:hunter2/x@ch:8123/db' }],
    ['CLICKHOUSE_URL is not understood: ', { CLICKHOUSE_URL: 'http://ch?password=hunter2' }],
    ['CLICKHOUSE_URL is not understood: ', { CLICKHOUSE_URL: 'u:hunter2@ch:8123' }],
    ['FAILTRACE_AUTH="jwt" is not understood.', { FAILTRACE_AUTH: 'jwt' }],
    [
      'FAILTRACE_API_KEYS_FILE cannot be read (ENOENT).',
      {
        FAILTRACE_AUTH: 'api-key',
        FAILTRACE_API_KEYS_FILE: 'ft_hunter2',
        CLICKHOUSE_URL: 'http://ch',
      },
    ],
  ])('ends with one line: %s', async (line, env) => {
    const { stdout, stderr, code } = await ended(start('./main.ts', env));
    expect([stdout, code]).toEqual(['', 1]);
    expect(stderr).toMatch(/^[^\n]+Allowed: [^\n]+\n$/);
    expect(stderr).toContain(line);
    expect(stderr).not.toContain('hunter2');
  });

  it('ends with one line of its log where it did not expect what happened', async () => {
    const fault = path.join(directory, 'fault.mjs');
    await writeFile(
      fault,
      `import { Server } from 'node:net';
      Server.prototype.listen = () => { throw new Error('hunter2'); };`,
    );
    const { stdout, stderr, code } = await ended(
      start('./main.ts', {
        CLICKHOUSE_URL: database.url,
        FAILTRACE_API_PORT: '0',
        NODE_OPTIONS: `--import=${fault}`,
      }),
    );
    expect([stdout, code]).toEqual(['', 1]);
    expect(JSON.parse(stderr)).toMatchObject({
      level: 'error',
      name: 'failtrace API',
      msg: 'The program failed.',
      err: { name: 'Error' },
    });
    expect(stderr).not.toContain('hunter2');
  });

  it('serves with a key that failtrace-api-key made, until it is told to stop', async () => {
    const made = await ended(
      start(
        './api-key-main.ts',
        {},
        'ops --permissions runs:read --namespaces * --services *'.split(' '),
      ),
    );
    const key = made.stdout.trim();
    const entry: unknown = JSON.parse(made.stderr.slice(made.stderr.indexOf('{')));
    const keysFile = path.join(directory, 'keys.json');
    await writeFile(keysFile, JSON.stringify({ keys: [entry] }));
    await database.write(failedRun('run_main'));

    const api = start('./main.ts', {
      CLICKHOUSE_URL: database.url,
      FAILTRACE_API_PORT: '0',
      FAILTRACE_AUTH: 'api-key',
      FAILTRACE_API_KEYS_FILE: keysFile,
    });
    const [hello] = (await once(api.stdout, 'data')) as [Buffer];
    const url = /http:\S+/.exec(hello.toString())?.[0] ?? '';
    const headers = { Authorization: `Bearer ${key}` };
    expect((await fetch(`${url}/api/runs/run_main`)).status).toBe(401);
    expect((await fetch(`${url}/api/runs/run_main`, { headers })).status).toBe(200);

    const end = ended(api);
    api.kill('SIGTERM');
    const { code, stderr } = await end;
    expect(code).toBe(0);
    expect(messagesOf(stderr)).toEqual([
      'Stopping (SIGTERM): what is under way is finished.',
      expect.stringMatching(/^Stopped after \d+\.\d s\.$/),
    ]);
  });
});

describe('the log', () => {
  it('is structured, and has no password, query or run id in it', async () => {
    const api = start('./main.ts', {
      CLICKHOUSE_URL: 'http://ops:hunter2@127.0.0.1:1/failtrace',
      FAILTRACE_API_PORT: '0',
    });
    const [hello] = (await once(api.stdout, 'data')) as [Buffer];
    const url = /http:\S+/.exec(hello.toString())?.[0] ?? '';
    const end = ended(api);
    const headers = { Authorization: 'Bearer hunter2' };
    const search = 'runs?q=hunter2';
    // The same again is counted, and not told again.
    for (const asked of [search, search, search, 'runs/hunter2', 'runs/hunter2/trace']) {
      expect((await fetch(`${url}/api/${asked}`, { headers })).status).toBe(503);
    }
    api.kill('SIGTERM');
    const { stderr, code } = await end;
    expect(code).toBe(0);
    expect(stderr).not.toContain('hunter2');
    const lines = stderr
      .trim()
      .split('\n')
      .map((line): unknown => JSON.parse(line));
    expect(lines).toHaveLength(4 + 2);
    expect(lines).toEqual(
      expect.arrayContaining([
        expect.objectContaining({
          level: 'warn',
          name: 'api',
          msg: expect.stringContaining('Not'),
        }),
        ...['/api/runs', '/api/runs/:run_id', '/api/runs/:run_id/trace'].map((route) =>
          expect.objectContaining({
            level: 'error',
            method: 'GET',
            route,
            err: expect.objectContaining({ code: 'storage_unavailable' }),
          }),
        ),
      ]),
    );
  });
});

describe('failtrace-api-key', () => {
  const permissions = ['--permissions', 'runs:read,traces:read'];
  const namespaces = ['--namespaces', 'shop,bank'];
  const services = ['--services', '*'];

  it('writes out what the key opens', async () => {
    const args = ['ops', ...permissions, ...namespaces, ...services];
    const { stdout, stderr, code } = await ended(start('./api-key-main.ts', {}, args));
    expect([stdout, code]).toEqual([expect.stringMatching(/^ft_[\w-]{43}\n$/), 0]);
    expect(JSON.parse(stderr.slice(stderr.indexOf('{')))).toEqual({
      name: 'ops',
      sha256: expect.stringMatching(/^[0-9a-f]{64}$/),
      permissions: ['runs:read', 'traces:read'],
      namespaces: ['shop', 'bank'],
      services: '*',
    });
  });

  it.each([
    ['no name', [...permissions, ...namespaces, ...services]],
    ['two names', ['a', 'b', ...permissions, ...namespaces, ...services]],
    ['no permissions', ['a', ...namespaces, ...services]],
    ['an unknown permission', ['a', '--permissions', 'all', ...namespaces, ...services]],
    ['no namespaces', ['a', ...permissions, ...services]],
    ['no services', ['a', ...permissions, ...namespaces]],
    ['an unknown option', ['a', ...permissions, ...namespaces, ...services, '--scope']],
  ])('guesses nothing: %s', async (_, args) => {
    const { stdout, stderr, code } = await ended(start('./api-key-main.ts', {}, args));
    expect([stdout, code]).toEqual(['', 2]);
    expect(stderr).toContain('Usage: failtrace-api-key <name> --permissions');
  });
});
