import { createServer } from 'node:http';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import type { Server } from 'node:net';
import { platform, tmpdir } from 'node:os';
import path from 'node:path';
import { startEmbeddedClickHouse } from 'failtrace';
import { describe, expect, it, onTestFinished } from 'vitest';
import { startStallableProxy } from '../collector-plugin/testing/stallable-proxy.ts';
import { freePorts, portOf } from './collector/free-ports.ts';
import {
  refusedStart,
  startFailtrace,
  type FailtraceProcess,
} from './command/failtrace-process.ts';
import { sendOneFailure } from './command/one-failure.ts';
import { childrenOf, isRunning } from './command/processes.ts';

const patience = { timeout: 30_000, interval: 50 };

async function temporaryDirectory(): Promise<string> {
  const directory = await mkdtemp(path.join(tmpdir(), 'failtrace-command-'));
  onTestFinished(() => rm(directory, { recursive: true, force: true }));
  return directory;
}

async function start(env: Record<string, string>): Promise<FailtraceProcess> {
  const failtrace = await startFailtrace(env);
  onTestFinished(async () => {
    await failtrace.end('SIGKILL');
    // Else its data directory would be taken away under a server that is still ending.
    await expectAllGone(failtrace.children);
  });
  return failtrace;
}

/** Holds a loopback port for as long as the test runs. */
async function occupy(server: Server = createServer()): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => new Promise<void>((resolve) => void server.close(() => resolve())));
  return portOf(server);
}

async function expectAllGone(pids: readonly number[]): Promise<void> {
  const running = () => Promise.all(pids.map(isRunning));
  await expect.poll(running, patience).toEqual(pids.map(() => false));
}

/** Asks ClickHouse, which waits five seconds at its end for a connection that is kept alive. */
async function askClickHouse(urlWithLogin: string, query?: string): Promise<string> {
  const { href, origin, username, password } = new URL(urlWithLogin);
  if (query === undefined) {
    return (await fetch(href, { headers: { connection: 'close' } })).text();
  }
  const authorization = `Basic ${btoa(`${username}:${password}`)}`;
  const headers = { authorization, connection: 'close' };
  return (await fetch(origin, { method: 'POST', body: query, headers })).text();
}

/** What the lines of a log say. */
function messagesOf(stderr: string): string[] {
  const lines = stderr.trim().split('\n');
  return lines.map((line) => (JSON.parse(line) as { msg: string }).msg);
}

async function traceOf({ dashboardUrl }: FailtraceProcess, runId: string): Promise<string> {
  const response = await fetch(`${dashboardUrl}/api/runs/${runId}/trace`);
  return response.text();
}

/** A file of one key for the API. */
async function fileOfOneKey(): Promise<string> {
  const file = path.join(await temporaryDirectory(), 'keys.json');
  const grant = { permissions: ['runs:read'], namespaces: '*', services: '*' };
  const entry = { name: 'ops', sha256: '0'.repeat(64), ...grant };
  await writeFile(file, JSON.stringify({ keys: [entry] }));
  return file;
}

/** A start that must end with one line on stderr, and no other exit code than a failure's. */
async function refusal(env: Record<string, string>): Promise<string> {
  const directory = await temporaryDirectory();
  const { code, stdout, stderr } = await refusedStart({ FAILTRACE_DATA_DIR: directory, ...env });
  expect(stderr).toMatch(/^failtrace: [^\n]+\n$/);
  expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
  return stderr;
}

describe('failtrace', () => {
  it('says what listens where and what to do next, and is there', async () => {
    const directory = await temporaryDirectory();
    const { banner, ...urls } = await start({ FAILTRACE_DATA_DIR: directory });
    expect(banner).toMatch(/^failtrace \d+\.\d+\.\d+ is ready after \d+\.\d s\.$/m);
    expect(banner).toContain(`data in ${directory}`);
    expect(banner).toContain('npm run demo');
    expect(banner).toContain(`OTEL_EXPORTER_OTLP_ENDPOINT=${urls.otlpUrl}.`);

    const dashboard = await fetch(`${urls.dashboardUrl}/`);
    expect([dashboard.status, dashboard.headers.get('content-type')]).toEqual([
      200,
      'text/html; charset=utf-8',
    ]);
    const [, apiUrl = ''] = /^ +API +(\S+)/m.exec(banner) ?? [];
    expect(await (await fetch(apiUrl)).json()).toEqual({ runs: [], next_cursor: null });
    const stackText = await sendOneFailure(urls.otlpUrl, '4711');
    expect(await (await fetch(`${apiUrl}/4711/trace`)).text()).toBe(stackText);
    expect(await askClickHouse(`${urls.clickhouseUrl}/ping`)).toBe('Ok.\n');
  });

  it('tells nobody a password, and answers nobody without one', async () => {
    const directory = await temporaryDirectory();
    const failtrace = await start({ FAILTRACE_DATA_DIR: directory });
    const login = await readFile(path.join(directory, 'config', 'reader.curlrc'), 'utf8');
    const [, password = ''] = /:([\w-]{43})"/.exec(login) ?? [];
    const ask = (secret: string) =>
      askClickHouse(
        failtrace.clickhouseUrl.replace('//', `//failtrace_reader:${secret}@`),
        'SELECT count() FROM failtrace.run_records',
      );
    expect(await ask(password)).toBe('0\n');
    expect(await ask('')).toContain('AUTHENTICATION_FAILED');
    const asDefault = failtrace.clickhouseUrl.replace('//', '//default:@');
    expect(await askClickHouse(asDefault, 'SELECT 1')).toContain('USER_SESSION_LIMIT_EXCEEDED');

    const { stdout, stderr } = await failtrace.end('SIGINT');
    expect(stdout + stderr).not.toContain(password);
    // Nor the writing user's, which stands in no file: no login at all.
    expect(stdout + stderr).not.toMatch(/failtrace(_reader)?:|@127\.0\.0\.1/);
  });

  it.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)(
    'ends everything cleanly on %s, and finds all data again',
    async (signal) => {
      const env = { FAILTRACE_DATA_DIR: await temporaryDirectory() };
      const first = await start(env);
      const stackText = await sendOneFailure(first.otlpUrl, '4711');
      expect(first.children).toHaveLength(1);
      const { stderr, ...end } = await first.end(signal);
      expect(end).toMatchObject({ code: 0, signal: null });
      expect(messagesOf(stderr)).toEqual([
        `Stopping (${signal}): what is under way is finished.`,
        expect.stringMatching(/^Stopped after \d+\.\d s\.$/),
      ]);
      // At once: it has waited for them.
      expect(await Promise.all(first.children.map(isRunning))).toEqual([false]);

      const second = await start(env);
      expect(await traceOf(second, '4711')).toBe(stackText);
    },
  );

  it('takes a Ctrl-C that arrives twice, from the terminal and from npm, for one', async () => {
    const failtrace = await start({ FAILTRACE_DATA_DIR: await temporaryDirectory() });
    process.kill(failtrace.pid, 'SIGINT');
    const { code, stderr } = await failtrace.end('SIGINT');
    expect(code).toBe(0);
    expect(messagesOf(stderr)).toHaveLength(2);
    expect(await Promise.all(failtrace.children.map(isRunning))).toEqual([false]);
  });

  it('leaves no ClickHouse behind when it is killed, and loses nothing', async () => {
    const env = { FAILTRACE_DATA_DIR: await temporaryDirectory() };
    const first = await start(env);
    const stackText = await sendOneFailure(first.otlpUrl, '4711');
    expect(first.children).toHaveLength(1);
    expect(await first.end('SIGKILL')).toMatchObject({ code: null, signal: 'SIGKILL' });
    await expectAllGone(first.children);

    const second = await start(env);
    expect(await traceOf(second, '4711')).toBe(stackText);
  });

  it('starts its ClickHouse again when that dies, and goes on with the same data', async () => {
    const failtrace = await start({ FAILTRACE_DATA_DIR: await temporaryDirectory() });
    const before = await sendOneFailure(failtrace.otlpUrl, 'before');
    const [clickhouse = 0] = failtrace.children;
    process.kill(clickhouse, 'SIGKILL');
    const send = () => sendOneFailure(failtrace.otlpUrl, 'after').catch(() => '');
    await expect.poll(send, patience).not.toBe('');
    for (const url of [failtrace.otlpUrl, failtrace.dashboardUrl]) {
      await expect.poll(async () => (await fetch(`${url}/readyz`)).status, patience).toBe(200);
    }
    expect(await traceOf(failtrace, 'before')).toBe(before);
    expect(await traceOf(failtrace, 'after')).toContain('order after');
    const [restarted = 0] = await childrenOf(failtrace.pid);
    expect(restarted).not.toBe(clickhouse);
    const { code, stderr } = await failtrace.end('SIGTERM');
    expect(code).toBe(0);
    expect(await isRunning(restarted)).toBe(false);
    expect(messagesOf(stderr)).toEqual(
      expect.arrayContaining([
        expect.stringMatching(
          /^The embedded ClickHouse ended \(SIGKILL\)\. Starting it again in 0\.25 s/,
        ),
        expect.stringMatching(/^ClickHouse is back, on http:/),
      ]),
    );
  });

  it('ends with a failure when its ClickHouse dies again and again', async () => {
    const failtrace = await start({ FAILTRACE_DATA_DIR: await temporaryDirectory() });
    while (await isRunning(failtrace.pid)) {
      for (const child of await childrenOf(failtrace.pid)) {
        try {
          process.kill(child, 'SIGKILL');
        } catch {
          // It has ended meanwhile.
        }
      }
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    const { code, stderr } = await failtrace.ended;
    expect(code).toBe(1);
    expect(stderr).toMatch(/^failtrace: .* started again 5 times and does not stay\./m);
  });

  it('loses nothing that it acknowledges while it is told to stop, and stops', async () => {
    const env = { FAILTRACE_DATA_DIR: await temporaryDirectory() };
    const first = await start(env);
    const acknowledged: string[] = [];
    // Each keeps its connection and sends on, until nobody answers.
    const senders = Array.from({ length: 16 }, async (_, sender) => {
      for (let count = 0; ; count++) {
        const runId = `run_${sender}_${count}`;
        try {
          await sendOneFailure(first.otlpUrl, runId);
        } catch {
          return;
        }
        acknowledged.push(runId);
      }
    });
    await expect.poll(() => acknowledged.length, patience).toBeGreaterThan(100);
    expect(await first.end('SIGTERM')).toMatchObject({ code: 0 });
    await Promise.all(senders);
    const second = await start(env);
    const found: string[] = [];
    for (let from = 0; from < acknowledged.length; from += 500) {
      const response = await fetch(`${second.dashboardUrl}/api/runs/lookup`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ run_ids: acknowledged.slice(from, from + 500) }),
      });
      const { runs } = (await response.json()) as { runs: { run_id: string }[] };
      found.push(...runs.map((run) => run.run_id));
    }
    expect(new Set(found)).toEqual(new Set(acknowledged));
  });

  it('waits for a data directory whose user is still ending', async () => {
    const env = { FAILTRACE_DATA_DIR: await temporaryDirectory() };
    const first = await start(env);
    const stackText = await sendOneFailure(first.otlpUrl, '4711');
    const [clickhouse = 0] = first.children;
    // Held as it is, it keeps the lock although its parent has gone.
    process.kill(clickhouse, 'SIGSTOP');
    await first.end('SIGKILL');
    const starting = start(env);
    await new Promise((resolve) => setTimeout(resolve, 3_000));
    process.kill(clickhouse, 'SIGCONT');
    const second = await starting;
    expect(await traceOf(second, '4711')).toBe(stackText);
    const { stderr } = await second.end('SIGTERM');
    expect(messagesOf(stderr)[0]).toMatch(
      /^The data directory is in use by another failtrace\. Waiting for it, \d+ s more\.$/,
    );
  });

  it('goes on when nobody reads what it says, and stops when it is told to', async () => {
    const failtrace = await start({ FAILTRACE_DATA_DIR: await temporaryDirectory() });
    failtrace.closeOutput();
    // Makes it say something.
    const [clickhouse = 0] = failtrace.children;
    process.kill(clickhouse, 'SIGKILL');
    const send = () => sendOneFailure(failtrace.otlpUrl, 'after').catch(() => '');
    await expect.poll(send, patience).not.toBe('');
    expect(await failtrace.end('SIGHUP')).toMatchObject({ code: 0 });
  });
});

describe('with CLICKHOUSE_URL', () => {
  it('uses that server, and never loads the embedded one', async (context) => {
    const directory = await temporaryDirectory();
    const external = await startEmbeddedClickHouse(path.join(directory, 'external'), {
      databases: ['e2e_external'],
    });
    onTestFinished(() => external.stop());
    const unused = path.join(directory, 'unused');
    const failtrace = await start({
      CLICKHOUSE_URL: `${external.writeUrl}/e2e_external`,
      FAILTRACE_DATA_DIR: unused,
    });
    expect(failtrace.banner).toContain('database e2e_external');
    expect(failtrace.clickhouseUrl).toBe(external.url);
    const stackText = await sendOneFailure(failtrace.otlpUrl, '4711');
    expect(await traceOf(failtrace, '4711')).toBe(stackText);
    const query = 'SELECT count() FROM e2e_external.run_records';
    expect(await askClickHouse(external.readUrl, query)).toBe('1\n');

    expect(await childrenOf(failtrace.pid)).toEqual([]);
    await expect(readFile(path.join(unused, 'lock'))).rejects.toThrow('ENOENT');
    if (platform() === 'linux') {
      const maps = await readFile(`/proc/${failtrace.pid}/maps`, 'utf8');
      expect(maps).not.toMatch(/libchdb|ffi-rs/);
      expect(await readFile(`/proc/${external.pid}/maps`, 'utf8')).toMatch(/libchdb/);
    }
    expect(await failtrace.end('SIGINT')).toMatchObject({ code: 0 });
    expect(await askClickHouse(`${external.url}/ping`)).toBe('Ok.\n');
    if (platform() !== 'linux') context.skip('which libraries a process has is read from /proc');
  });

  it('refuses a server that does not answer', async () => {
    // Taken and given back: nothing listens there.
    const server = createServer();
    const port = await new Promise<number>((resolve) => {
      server.listen(0, '127.0.0.1', () => resolve(portOf(server)));
    });
    await new Promise<void>((resolve) => void server.close(() => resolve()));
    const line = await refusal({
      CLICKHOUSE_URL: `http://ops:hunter2@127.0.0.1:${port}`,
      FAILTRACE_START_TIMEOUT: '0s',
    });
    expect(line).toContain('CLICKHOUSE_URL');
    expect(line).toContain('ECONNREFUSED');
    expect(line).not.toContain('hunter2');
  });

  it('waits for a server that is not there yet, and says so', async () => {
    const directory = await temporaryDirectory();
    const [clickhousePort, otlpPort, apiPort] = await freePorts(3);
    const external = await startEmbeddedClickHouse(directory, { databases: ['e2e_late'] });
    onTestFinished(() => external.stop());
    const late = Object.assign(new URL('e2e_late', external.writeUrl), { port: clickhousePort });
    const starting = start({
      CLICKHOUSE_URL: late.href,
      FAILTRACE_OTLP_PORT: String(otlpPort),
      FAILTRACE_API_PORT: String(apiPort),
    });
    const [otlpUrl, apiUrl] = [otlpPort, apiPort].map((port) => `http://127.0.0.1:${port}`);
    const readiness = (url = '') =>
      fetch(`${url}/readyz`).then(
        async (response) => [response.status, await response.json()],
        () => undefined,
      );
    const why = expect.stringContaining('waits for ClickHouse');
    await expect
      .poll(() => readiness(otlpUrl), patience)
      .toEqual([503, { status: 'not_ready', reason: why }]);
    await expect
      .poll(() => readiness(apiUrl), patience)
      .toEqual([503, expect.objectContaining({ detail: why })]);
    const refused = await fetch(`${otlpUrl}/v1/traces`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{}',
    });
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([503, '5']);

    const proxy = await startStallableProxy(external.url, clickhousePort);
    onTestFinished(() => proxy.close());
    const failtrace = await starting;
    const stackText = await sendOneFailure(failtrace.otlpUrl, '4711');
    expect(await traceOf(failtrace, '4711')).toBe(stackText);
    const { code, stderr } = await failtrace.end('SIGTERM');
    expect(code).toBe(0);
    expect(messagesOf(stderr)[0]).toMatch(
      /^ClickHouse does not answer yet \(ECONNREFUSED\)\. Waiting for it, \d+ s more\.$/,
    );
  });

  it('refuses a server that is too old', async () => {
    // All that a server does of another release, as far as it is asked, is to name it.
    const old = createServer((_request, response) => response.end('{"data":[{"v":"24.3.1.1"}]}'));
    const port = await occupy(old);
    const line = await refusal({ CLICKHOUSE_URL: `http://127.0.0.1:${port}` });
    expect(line).toMatch(/24\.3\.1\.1.*needs \d+\.\d+ or newer\. Update ClickHouse/);
  });
});

describe('a start that cannot succeed', () => {
  it('names the data directory that another failtrace uses, and leaves that one alone', async () => {
    const env = { FAILTRACE_DATA_DIR: await temporaryDirectory() };
    const first = await start(env);
    const line = await refusal({ ...env, FAILTRACE_START_TIMEOUT: '0s' });
    expect(line).toContain(env.FAILTRACE_DATA_DIR);
    expect(line).toContain('in use by another failtrace');
    expect(line).toContain('FAILTRACE_DATA_DIR');
    const stackText = await sendOneFailure(first.otlpUrl, '4711');
    expect(await traceOf(first, '4711')).toBe(stackText);
  });

  it.each(['FAILTRACE_OTLP_PORT', 'FAILTRACE_API_PORT'])(
    'names the port of %s that is in use, and starts when it is free',
    async (key) => {
      const directory = { FAILTRACE_DATA_DIR: await temporaryDirectory() };
      const port = String(await occupy());
      const line = await refusal({ ...directory, [key]: port });
      expect(line).toContain(`Port ${port} on 127.0.0.1 is in use`);
      expect(line).toContain(key);
      // Nothing of the start before it is left: neither the lock nor the server.
      await start(directory);
    },
  );

  it.each<[key: string, value: string, others?: Record<string, string>]>([
    ['FAILTRACE_HOST', 'not a host'],
    ['FAILTRACE_OTLP_PORT', 'eighty'],
    ['FAILTRACE_OTLP_PORT', '65536'],
    ['FAILTRACE_API_PORT', '-1'],
    ['FAILTRACE_API_PORT', '80.5'],
    ['FAILTRACE_RETENTION', 'forever'],
    ['FAILTRACE_RETENTION', '1s'],
    ['FAILTRACE_RUN_ID_ATTRIBUTES', 'run.id,,job'],
    ['FAILTRACE_MAX_BODY_BYTES', '20MB'],
    ['FAILTRACE_MAX_BODY_BYTES', '1'],
    ['FAILTRACE_AUTH', 'password'],
    ['FAILTRACE_CORS_ORIGINS', '*'],
    ['FAILTRACE_CORS_ORIGINS', 'https://ops.example.org/path'],
    ['FAILTRACE_MAX_BUFFERED_BYTES', '1'],
    ['FAILTRACE_OTLP_AUTH', 'password'],
  ])('names %s=%s, and what is allowed', async (key, value) => {
    const line = await refusal({ [key]: value });
    expect(line).toContain(`${key}="${value}" is not understood. Allowed: `);
  });

  it.each(['clickhouse:9000', 'http://127.0.0.1:8123/no-database'])(
    'refuses CLICKHOUSE_URL=%s without repeating what may hold a password',
    async (value) => {
      const line = await refusal({ CLICKHOUSE_URL: value });
      expect(line).toContain('CLICKHOUSE_URL is not understood');
      expect(line).not.toContain(value);
    },
  );

  it('does not take from everybody without authentication', async () => {
    const file = await fileOfOneKey();
    const line = await refusal({
      FAILTRACE_HOST: '0.0.0.0',
      FAILTRACE_AUTH: 'api-key',
      FAILTRACE_API_KEYS_FILE: file,
    });
    expect(line).toContain('FAILTRACE_OTLP_AUTH="none"');
    expect(line).toContain('FAILTRACE_HOST="0.0.0.0"');
  });

  it('does not answer everybody without authentication', async () => {
    const line = await refusal({ FAILTRACE_HOST: '0.0.0.0' });
    expect(line).toContain('FAILTRACE_AUTH="none"');
    expect(line).toContain('FAILTRACE_HOST="0.0.0.0"');
  });

  it('names an address that is none of this machine', async () => {
    const line = await refusal({
      FAILTRACE_HOST: '192.0.2.1',
      FAILTRACE_OTLP_AUTH: 'network',
      FAILTRACE_AUTH: 'api-key',
      FAILTRACE_API_KEYS_FILE: await fileOfOneKey(),
    });
    expect(line).toContain('listen on 192.0.2.1');
    expect(line).toContain('FAILTRACE_HOST');
  });

  it.each([
    ['is not named', ''],
    ['does not exist', 'missing.json'],
    ['is no JSON', 'broken.json'],
    ['has no keys', 'empty.json'],
  ])('names FAILTRACE_API_KEYS_FILE when it %s', async (_, name) => {
    const directory = await temporaryDirectory();
    await writeFile(path.join(directory, 'broken.json'), '{"keys": [');
    await writeFile(path.join(directory, 'empty.json'), '{"keys": []}');
    const file = name === '' ? '' : path.join(directory, name);
    const line = await refusal({ FAILTRACE_AUTH: 'api-key', FAILTRACE_API_KEYS_FILE: file });
    expect(line).toContain('FAILTRACE_API_KEYS_FILE');
    if (file !== '') expect(line).not.toContain(file);
  });

  it.each([
    ['is a file', (directory: string) => path.join(directory, 'file')],
    ['lies in a file', (directory: string) => path.join(directory, 'file', 'data')],
    ['cannot be made', () => '/proc/failtrace'],
  ])('names FAILTRACE_DATA_DIR when it %s', async (_, choose) => {
    const directory = await temporaryDirectory();
    await writeFile(path.join(directory, 'file'), '');
    const dataDirectory = choose(directory);
    const line = await refusal({ FAILTRACE_DATA_DIR: dataDirectory });
    expect(line).toContain(dataDirectory);
    expect(line).toContain('FAILTRACE_DATA_DIR');
  });

  it('names an option that it does not have', async () => {
    // A setting that is a command-line option elsewhere.
    const { code, stderr } = await refusedStart({}, ['--port', '80']);
    expect(stderr).toMatch(/^failtrace: [^\n]*'--port'[^\n]*\n$/);
    expect(code).toBe(1);
  });
});
