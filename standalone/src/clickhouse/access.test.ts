import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, readlink, rm, stat, writeFile } from 'node:fs/promises';
import { platform, tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { startEmbeddedClickHouse, type EmbeddedClickHouse } from './embedded.ts';
import { query } from '../testing/ask.ts';
import { asNeighbour, needsRoot } from '../testing/neighbour.ts';

let directory: string;
let dataDirectory: string;
let secretFile: string;
let clickhouse: EmbeddedClickHouse;

beforeAll(async () => {
  directory = await mkdtemp(path.join(tmpdir(), 'failtrace-access-'));
  dataDirectory = path.join(directory, 'data');
  secretFile = path.join(directory, 'secret.txt');
  await writeFile(secretFile, 'hunter2\n', { mode: 0o600 });
  clickhouse = await startEmbeddedClickHouse(dataDirectory, {
    databases: ['failtrace', 'ft_*'],
  });
  await query(clickhouse.writeUrl, 'CREATE DATABASE failtrace');
  await query(
    clickhouse.writeUrl,
    'CREATE TABLE failtrace.failures (a String) ENGINE = MergeTree ORDER BY a',
  );
  await query(clickhouse.writeUrl, "INSERT INTO failtrace.failures VALUES ('a failure')");
});
afterAll(async () => {
  await clickhouse.stop();
  await rm(directory, { recursive: true, force: true });
});

/** What somebody without a password may try, who has found the port. */
const attacks: [what: string, sql: (target: string) => string][] = [
  ['reads a file', (file) => `SELECT * FROM file('${file}', LineAsString)`],
  ['reads a file with a function', (file) => `SELECT file('${file}')`],
  [
    'writes a file',
    (file) => `INSERT INTO FUNCTION file('${file}.new', CSV, 'a String') SELECT 'x'`,
  ],
  ['reads the tables', () => 'SELECT a FROM failtrace.failures'],
  ['reads queries of others', () => 'SELECT query FROM system.processes'],
  ['ends queries', () => 'KILL QUERY WHERE 1 SYNC'],
  ['asks other servers', () => "SELECT * FROM url('http://127.0.0.1:1', CSV, 'a String')"],
  ['runs commands', () => "SELECT * FROM executable('sh', TSV, 'a String')"],
  ['makes tables', () => 'CREATE TABLE x (a Int8) ENGINE = Memory'],
  ['ends the server', () => 'SYSTEM SHUTDOWN'],
  ['closes the port', () => 'SYSTEM STOP LISTEN HTTP'],
  ['takes the processor', () => 'SELECT sum(number) FROM numbers(1000000000)'],
  ['asks what it may do', () => 'SHOW GRANTS'],
  ['asks anything', () => 'SELECT 1'],
];

/** The ways to say over HTTP who one is, none of them with a password. */
const anonymous: [how: string, search: string, headers: Record<string, string>][] = [
  ['nothing', '', {}],
  ['a text from a web page', '', { 'content-type': 'text/plain', origin: 'http://evil.example' }],
  ['a user of the query', '?user=default', {}],
  ['a header of ClickHouse', '', { 'x-clickhouse-user': 'default' }],
  ['a basic login', '', { authorization: `Basic ${btoa('default:')}` }],
  [
    'a login and a user of the query',
    '?user=default&password=&max_sessions_for_user=100&session_id=x',
    { authorization: `Basic ${btoa('failtrace:')}` },
  ],
  ['a user with no password', '', { authorization: `Basic ${btoa('failtrace:')}` }],
  ['a reader with no password', '', { authorization: `Basic ${btoa('failtrace_reader:')}` }],
];

describe('over HTTP, without a password', () => {
  it.each(anonymous)('nobody gets anywhere with %s', async (_, search, headers) => {
    for (const [what, sql] of attacks) {
      const response = await fetch(`${clickhouse.url}/${search}`, {
        method: 'POST',
        body: sql(secretFile),
        headers: { ...headers, connection: 'close' },
      });
      const text = await response.text();
      expect([what, response.ok]).toEqual([what, false]);
      expect(text).not.toMatch(/hunter2|a failure|GRANT SYSTEM/);
      expect(response.headers.get('access-control-allow-origin')).toBeNull();
    }
    expect(await readdir(directory)).not.toContain('secret.txt.new');
    expect(await query(clickhouse.readUrl, 'SELECT a FROM failtrace.failures')).toBe('a failure');
  });

  it.each([
    '/play',
    '/dashboard',
    '/binary',
    '/merges',
    '/jemalloc',
    '/schema',
    '/metrics',
    '/replicas_status',
    '/?query=SELECT+1',
    '/?query=SELECT+1&user=default',
  ])('there is no %s', async (page) => {
    const response = await fetch(clickhouse.url + page, { headers: { connection: 'close' } });
    expect(response.status).toBe(404);
  });
});

describe('the users of failtrace', () => {
  it.each([
    ["SELECT * FROM file('/etc/passwd', LineAsString)"],
    ["INSERT INTO FUNCTION file('/tmp/failtrace-written', CSV, 'a String') SELECT 'x'"],
    ["SELECT * FROM url('http://127.0.0.1:1', CSV, 'a String')"],
    ["SELECT * FROM s3('http://127.0.0.1:1/bucket/key', CSV, 'a String')"],
    ["SELECT * FROM remote('127.0.0.1:1', 'system', 'one')"],
    ["SELECT * FROM mysql('127.0.0.1:1', 'd', 't', 'u', 'p')"],
    ["SELECT * FROM executable('../../../../bin/sh', TSV, 'a String')"],
    ['CREATE TABLE failtrace.f (a String) ENGINE = File(CSV)'],
    ["CREATE TABLE failtrace.f (a String) ENGINE = URL('http://127.0.0.1:1', CSV)"],
    [
      "CREATE TABLE failtrace.f (a String) ENGINE = MergeTree ORDER BY a SETTINGS disk = disk(type = 'web', endpoint = 'http://127.0.0.1:1/')",
    ],
    ["CREATE DATABASE ft_files ENGINE = Filesystem('/etc')"],
    [
      "CREATE DICTIONARY failtrace.d (a String) PRIMARY KEY a SOURCE(FILE(path '/etc/passwd' format 'TSV')) LAYOUT(FLAT()) LIFETIME(1)",
    ],
    ["BACKUP TABLE failtrace.failures TO File('/tmp/failtrace-backup')"],
    ['CREATE DATABASE other'],
    ['CREATE FUNCTION f AS a -> a'],
    ['CREATE USER somebody'],
    ['SYSTEM SHUTDOWN'],
    ['SYSTEM STOP LISTEN HTTP'],
    ['SELECT * FROM system.server_settings'],
    ['SELECT 1 SETTINGS max_memory_usage = 0'],
    ['SELECT 1 SETTINGS max_memory_usage = 1000000000000'],
  ])('may not: %s', async (sql) => {
    for (const url of [clickhouse.writeUrl, clickhouse.readUrl]) {
      await expect(query(url, sql)).rejects.toThrow(
        /ACCESS_DENIED|READONLY|SETTING_CONSTRAINT_VIOLATION|must be inside user scripts folder/,
      );
    }
  });

  it.each([
    "INSERT INTO failtrace.failures VALUES ('x')",
    'DROP TABLE failtrace.failures',
    'CREATE TABLE failtrace.x (a String) ENGINE = MergeTree ORDER BY a',
    'ALTER TABLE failtrace.failures DELETE WHERE 1',
    'SELECT 1 SETTINGS readonly = 0',
  ])('may not, when it is to read: %s', async (sql) => {
    await expect(query(clickhouse.readUrl, sql)).rejects.toThrow(/ACCESS_DENIED|READONLY/);
    expect(await query(clickhouse.readUrl, 'SELECT a FROM failtrace.failures')).toBe('a failure');
  });
});

describe('what other users of the machine can see', () => {
  it('is no file of the data directory', async () => {
    const entries = await readdir(dataDirectory, { recursive: true });
    const modes = await Promise.all(
      [dataDirectory, ...entries.map((entry) => path.join(dataDirectory, entry))].map(
        // ClickHouse removes files of its own meanwhile.
        async (entry) => [entry, (await stat(entry).catch(() => ({ mode: 0 }))).mode & 0o077],
      ),
    );
    expect(entries).toEqual(expect.arrayContaining(['config/server.xml', 'config/users.xml']));
    expect(modes.filter(([, mode]) => mode !== 0)).toEqual([]);
  });

  it('is no password, in no file but the one for its owner, and in no argument', async () => {
    const passwords = [clickhouse.writeUrl, clickhouse.readUrl].map((url) => new URL(url).password);
    expect(new Set(passwords).size).toBe(2);
    for (const password of passwords) expect(password).toMatch(/^[\w-]{43}$/);
    for (const file of ['server.xml', 'users.xml']) {
      const text = await readFile(path.join(dataDirectory, 'config', file), 'utf8');
      for (const password of passwords) expect(text).not.toContain(password);
    }
    const login = await readFile(path.join(dataDirectory, 'config', 'reader.curlrc'), 'utf8');
    expect(login).toContain(
      `url = "${clickhouse.url}/"\nuser = "failtrace_reader:${passwords[1]}"`,
    );
    expect(login).not.toContain(passwords[0]);
    const argv = await argumentsOf(clickhouse.pid);
    expect(argv).toContain('server-process');
    for (const password of passwords) expect(argv).not.toContain(password);
  });

  it('is nothing that they can reach as themselves', async (context) => {
    needsRoot(context);
    const out = await asNeighbour(`
      import { readFile, readdir, writeFile } from 'node:fs/promises';
      const tried = {
        listing: () => readdir(${JSON.stringify(dataDirectory)}),
        users: () => readFile(${JSON.stringify(path.join(dataDirectory, 'config', 'users.xml'))}),
        login: () => readFile(${JSON.stringify(path.join(dataDirectory, 'config', 'reader.curlrc'))}),
        secret: () => readFile(${JSON.stringify(secretFile)}),
        planted: () => writeFile(${JSON.stringify(path.join(dataDirectory, 'config', 'x'))}, ''),
        environment: () => readFile('/proc/${clickhouse.pid}/environ'),
      };
      const outcomes = {};
      for (const [name, attempt] of Object.entries(tried)) {
        outcomes[name] = await attempt().then(() => 'done', ({ code }) => code);
      }
      const ask = (body) => fetch('${clickhouse.url}/?user=default', {
        method: 'POST', body, headers: { authorization: 'Basic ' + btoa('default:'), connection: 'close' },
      }).then((response) => response.text());
      outcomes.answers = [
        await ask("SELECT * FROM file('${secretFile}', LineAsString)"),
        await ask("INSERT INTO FUNCTION file('${secretFile}.new', CSV, 'a String') SELECT 'x'"),
        await ask('SELECT a FROM failtrace.failures'),
      ].map((text) => /\\((\\w+)\\) \\(version/.exec(text)?.[1] ?? text);
      console.log(JSON.stringify(outcomes));
    `);
    const limit = 'USER_SESSION_LIMIT_EXCEEDED';
    expect(JSON.parse(out)).toEqual({
      listing: 'EACCES',
      users: 'EACCES',
      login: 'EACCES',
      secret: 'EACCES',
      planted: 'EACCES',
      environment: 'EACCES',
      answers: [limit, limit, limit],
    });
    expect(await readdir(directory)).not.toContain('secret.txt.new');
  });
});

describe('the server', () => {
  it('stands a flood of logins without a password', async () => {
    const searches = ['', '&session_id=x', '&session_id=x&close_session=1', '&session_check=1'];
    const answers = await Promise.all(
      Array.from({ length: 400 }, async (_, index) => {
        const search = `?user=default${searches[index % searches.length]}`;
        const headers = { authorization: `Basic ${btoa('default:')}`, connection: 'close' };
        return (
          await fetch(`${clickhouse.url}/${search}`, { method: 'POST', headers, body: 'SELECT 1' })
        ).ok;
      }),
    );
    expect(new Set(answers)).toEqual(new Set([false]));
    expect(await query(clickhouse.readUrl, 'SELECT 1')).toBe('1');
  });

  it('has the HTTP port alone, and itself', async (context) => {
    if (platform() !== 'linux') context.skip('which ports a process has is read from /proc');
    expect(await listeningPorts(clickhouse.pid)).toEqual([Number(new URL(clickhouse.url).port)]);
  });

  it('knows no password of an earlier start', async () => {
    const other = path.join(directory, 'other');
    const first = await startEmbeddedClickHouse(other);
    await first.stop();
    const second = await startEmbeddedClickHouse(other);
    onTestFinished(() => second.stop());
    const login = new URL(first.writeUrl);
    login.port = new URL(second.url).port;
    await expect(query(login.href, 'SELECT 1')).rejects.toThrow('AUTHENTICATION_FAILED');
  });

  it('is started without the configuration of whatever directory that is', async () => {
    const other = path.join(directory, 'configured');
    await mkdir(other, { mode: 0o700 });
    await writeFile(
      path.join(other, 'config.xml'),
      '<clickhouse><http_port>1</http_port></clickhouse>',
    );
    const server = await startEmbeddedClickHouse(other);
    onTestFinished(() => server.stop());
    expect(await query(server.readUrl, 'SELECT 1')).toBe('1');
  });
});

/** The ports on which a process listens, by the kernel's own table; see proc(5). */
async function listeningPorts(pid: number): Promise<number[]> {
  const fds = await readdir(`/proc/${pid}/fd`);
  const links = await Promise.all(
    fds.map((fd) => readlink(`/proc/${pid}/fd/${fd}`).catch(() => '')),
  );
  const tables = await Promise.all(
    ['tcp', 'tcp6'].map((name) => readFile(`/proc/net/${name}`, 'utf8').catch(() => '')),
  );
  return tables.flatMap((table) =>
    table.split('\n').flatMap((line) => {
      const [, local = '', , state, , , , , , inode] = line.trim().split(/\s+/);
      const isListening = state === '0A' && links.includes(`socket:[${inode}]`);
      return isListening ? [parseInt(local.split(':')[1] ?? '', 16)] : [];
    }),
  );
}

/** What everybody on the machine can read of a process: its command line. */
async function argumentsOf(pid: number): Promise<string> {
  if (platform() === 'linux') return readFile(`/proc/${pid}/cmdline`, 'utf8');
  return (await promisify(execFile)('ps', ['-o', 'args=', '-p', String(pid)])).stdout;
}
