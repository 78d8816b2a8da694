import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import {
  readApiPort,
  readFileSetting,
  readHost,
  readSetting,
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
