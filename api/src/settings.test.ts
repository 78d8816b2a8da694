import { describe, expect, it } from 'vitest';
import { SettingError } from './errors.ts';
import { readApiSettings, readClickHouseUrl } from './settings.ts';

describe('readApiSettings', () => {
  it('has a default for everything', () => {
    expect(readApiSettings({})).toEqual({
      host: '127.0.0.1',
      port: 8080,
      auth: { mode: 'none' },
      corsOrigins: [],
    });
  });

  it('reads every key', () => {
    const settings = readApiSettings({
      FAILTRACE_HOST: '0.0.0.0',
      FAILTRACE_API_PORT: '0',
      FAILTRACE_AUTH: 'api-key',
      FAILTRACE_API_KEYS_FILE: '/etc/failtrace/keys.json',
      FAILTRACE_CORS_ORIGINS: 'https://ops.example.org, http://localhost:3000,',
    });
    expect(settings).toEqual({
      host: '0.0.0.0',
      port: 0,
      auth: { mode: 'api-key', keysFile: '/etc/failtrace/keys.json' },
      corsOrigins: ['https://ops.example.org', 'http://localhost:3000'],
    });
  });

  it.each([
    ['FAILTRACE_HOST', 'two hosts', {}],
    ['FAILTRACE_API_PORT', '65536', {}],
    ['FAILTRACE_API_PORT', '-1', {}],
    ['FAILTRACE_API_PORT', '8080.5', {}],
    ['FAILTRACE_API_PORT', 'http', {}],
    ['FAILTRACE_AUTH', 'jwt', {}],
    ['FAILTRACE_AUTH', 'forward', {}],
    ['FAILTRACE_AUTH', 'none', { FAILTRACE_HOST: '0.0.0.0' }],
    ['FAILTRACE_CORS_ORIGINS', '*', {}],
    ['FAILTRACE_CORS_ORIGINS', 'https://ops.example.org/', {}],
    ['FAILTRACE_CORS_ORIGINS', 'ops.example.org', {}],
  ])('refuses %s=%s, and says what is allowed', (key, value, others) => {
    const read = () => readApiSettings({ ...others, [key]: value });
    expect(read).toThrow(SettingError);
    expect(read).toThrow(`${key}="${value}" is not understood. Allowed: `);
  });

  it('wants a file of keys for api-key', () => {
    expect(() => readApiSettings({ FAILTRACE_AUTH: 'api-key' })).toThrow(
      'FAILTRACE_API_KEYS_FILE is not set. Allowed: the path',
    );
  });
});

describe('readClickHouseUrl', () => {
  it.each([
    ['http://ch:8123', 'http://ch:8123/failtrace'],
    ['http://ch:8123/', 'http://ch:8123/failtrace'],
    ['https://u:p@ch:8443/other', 'https://u:p@ch:8443/other'],
  ])('reads %s', (value, url) => {
    expect(readClickHouseUrl({ CLICKHOUSE_URL: value })).toBe(url);
  });

  it.each([undefined, '', 'clickhouse', 'tcp://ch:9000'])('refuses %s', (value) => {
    expect(() => readClickHouseUrl({ CLICKHOUSE_URL: value })).toThrow(SettingError);
  });

  it('never repeats a password', () => {
    const read = () => readClickHouseUrl({ CLICKHOUSE_URL: 'tcp://user:hunter2@ch:9000' });
    expect(read).toThrow('CLICKHOUSE_URL="tcp://***@ch:9000" is not understood');
  });
});
