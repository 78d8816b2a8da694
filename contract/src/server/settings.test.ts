import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import {
  readApiPort,
  readClickHouseAddress,
  readFileSetting,
  readHost,
  readSetting,
  requireClickHouseAddress,
  SettingError,
  settingForms,
} from './settings.ts';

describe('readSetting', () => {
  it('gives what the text means, and undefined for what is not set', () => {
    expect(readSetting({ A: '8080' }, 'A', settingForms.port)).toBe(8080);
    expect(readSetting({ A: '' }, 'A', settingForms.port)).toBeUndefined();
    expect(readSetting({}, 'A', settingForms.port)).toBeUndefined();
    expect(readSetting({ A: './a b' }, 'A', settingForms.path)).toBe('./a b');
    expect(readSetting({ A: 'http://[::1]:4318' }, 'A', settingForms.url)).toBe(
      'http://[::1]:4318',
    );
  });

  it.each([
    ['host', 'two hosts'],
    ['port', '65536'],
    ['port', '-1'],
    ['port', '8080.5'],
    ['port', '8080 '],
    ['port', 'http'],
    ['path', 'a\0b'],
    ['url', 'localhost:4318'],
    ['url', 'http://'],
    ['url', 'http://a b'],
  ] as const)('refuses the %s %j, and says what is allowed', (form, value) => {
    const read = () => readSetting<unknown>({ KEY: value }, 'KEY', settingForms[form]);
    expect(read).toThrow(SettingError);
    expect(read).toThrow(
      `KEY="${value}" is not understood. Allowed: ${settingForms[form].allowed}.`,
    );
  });
});

describe('the host and the port of the API', () => {
  it.each([
    [{}, '127.0.0.1', 8080],
    [{ FAILTRACE_HOST: '', FAILTRACE_API_PORT: '' }, '127.0.0.1', 8080],
    [{ FAILTRACE_HOST: '::1', FAILTRACE_API_PORT: '0' }, '::1', 0],
  ])('of %j are %s and %i', (env, host, port) => {
    expect([readHost(env), readApiPort(env)]).toEqual([host, port]);
  });
});

describe('a value that may hold a secret', () => {
  it.each(['https://u:hunter2@ops.example.org', 'ft_hunter2hunter2hunter2hunter2hunter2'])(
    'is not repeated: %s',
    (value) => {
      const read = () => readSetting({ KEY: value }, 'KEY', settingForms.port);
      expect(read).toThrow(/^KEY \(not shown, it may hold a secret\) is not understood. Allowed: /);
      expect(read).not.toThrow(/hunter2/);
    },
  );
});

describe('readFileSetting', () => {
  it('reads the file', () => {
    const path = new URL('../../package.json', import.meta.url).pathname;
    expect(readFileSetting({ KEYS: path }, 'KEYS')).toContain('@failtrace/contract');
  });

  it.each([
    ['ENOENT', '/no/such/hunter2'],
    ['ENOENT', 'ft_hunter2'],
    ['ENAMETOOLONG', 'hunter2'.repeat(1_000)],
    ['ERR_INVALID_ARG_VALUE', 'hunter2\0'],
  ])('repeats nothing of a value that cannot be read (%s)', (code, value) => {
    let thrown: unknown;
    try {
      readFileSetting({ KEYS: value }, 'KEYS');
    } catch (error) {
      thrown = error;
    }
    expect(thrown).toBeInstanceOf(SettingError);
    expect(String(thrown)).toContain(`KEYS cannot be read (${code}). Allowed: the path of a file.`);
    expect(inspect(thrown)).not.toContain('hunter2');
  });
});

describe('CLICKHOUSE_URL', () => {
  it.each([
    ['http://ch:8123', { url: 'http://ch:8123', username: 'default', password: '' }],
    ['http://ch:8123/', { url: 'http://ch:8123', username: 'default', password: '' }],
    ['https://u:p@ch.example.org', { url: 'https://ch.example.org', username: 'u', password: 'p' }],
    ['http://u:p%2Fa%40b%3F@ch:1', { url: 'http://ch:1', username: 'u', password: 'p/a@b?' }],
  ])('reads %s', (value, address) => {
    expect(readClickHouseAddress({ CLICKHOUSE_URL: value })).toEqual({
      ...address,
      database: 'failtrace',
    });
  });

  it('takes the database from the path', () => {
    expect(readClickHouseAddress({ CLICKHOUSE_URL: 'http://ch/ops' })?.database).toBe('ops');
  });

  it('is not set by default', () => {
    expect(readClickHouseAddress({})).toBeUndefined();
    expect(() => requireClickHouseAddress({})).toThrow('CLICKHOUSE_URL is not set. Allowed: http');
  });

  it.each([
    'hunter2',
    'hunter2@ch:8123',
    'user:hunter2@ch:8123/failtrace',
    'tcp://user:hunter2@ch:9000',
    'http://user:hunter2/x@ch:8123/failtrace',
    'http://user:a@hunter2@ch:8123/a/b',
    'http://user:hunter2#x@ch:8123',
    'http://user:hunter2?x@ch:8123',
    'http://ch:8123/?password=hunter2',
    'http://ch:8123/failtrace?user=u&password=hunter2',
    'http://ch:8123/#hunter2',
    'http://ch/hunter2/b',
    'http://ch/a`hunter2',
    'http://user:%zzhunter2@ch:8123',
    'http:user:hunter2@ch',
    'http://user:hunter2@',
    ' http://user:hunter2 @ch',
  ])('refuses %s without repeating any of it', (value) => {
    const read = () => readClickHouseAddress({ CLICKHOUSE_URL: value });
    expect(read).toThrow(SettingError);
    expect(read).toThrow(/^CLICKHOUSE_URL is not understood: (?!.*hunter2).*Allowed: http/);
  });
});
