import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { SettingError } from '@failtrace/contract/server';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createApiKey } from './authorise/api-keys.ts';
import { readApiSettings } from './settings.ts';

const { entry } = createApiKey('ops', {
  permissions: ['runs:read'],
  namespaces: '*',
  services: ['orders'],
});

async function fileOfKeys(): Promise<string> {
  const directory = await mkdtemp(path.join(tmpdir(), 'failtrace-settings-'));
  onTestFinished(() => rm(directory, { recursive: true }));
  const file = path.join(directory, 'keys.json');
  await writeFile(file, JSON.stringify({ keys: [entry] }));
  return file;
}

describe('readApiSettings', () => {
  it('has a default for everything', () => {
    expect(readApiSettings({})).toEqual({
      host: '127.0.0.1',
      port: 8080,
      auth: { mode: 'none' },
      corsOrigins: [],
    });
  });

  it('reads every key, and the file of keys', async () => {
    const keysFile = await fileOfKeys();
    const settings = readApiSettings({
      FAILTRACE_HOST: '0.0.0.0',
      FAILTRACE_API_PORT: '0',
      FAILTRACE_AUTH: 'api-key',
      FAILTRACE_API_KEYS_FILE: keysFile,
      FAILTRACE_CORS_ORIGINS: 'https://ops.example.org, http://localhost:3000,',
    });
    expect(settings).toEqual({
      host: '0.0.0.0',
      port: 0,
      auth: { mode: 'api-key', keys: [entry] },
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
    ['FAILTRACE_CORS_ORIGINS', '*', {}],
    ['FAILTRACE_CORS_ORIGINS', 'https://ops.example.org/', {}],
    ['FAILTRACE_CORS_ORIGINS', 'ops.example.org', {}],
  ])('refuses %s=%s, and says what is allowed', (key, value, others) => {
    const read = () => readApiSettings({ ...others, [key]: value });
    expect(read).toThrow(SettingError);
    expect(read).toThrow(`${key}="${value}" is not understood. Allowed: `);
  });

  it('wants authentication where others can reach it', () => {
    expect(() => readApiSettings({ FAILTRACE_HOST: '0.0.0.0' })).toThrow(
      'FAILTRACE_AUTH="none" does not do: FAILTRACE_HOST=',
    );
  });

  it('asks for keys where a file of them is named, and never leaves it unused', async () => {
    const file = await fileOfKeys();
    expect(readApiSettings({ FAILTRACE_API_KEYS_FILE: file }).auth.mode).toBe('api-key');
    expect(() =>
      readApiSettings({ FAILTRACE_AUTH: 'none', FAILTRACE_API_KEYS_FILE: file }),
    ).toThrow('FAILTRACE_AUTH="none" leaves the keys of FAILTRACE_API_KEYS_FILE unused.');
    expect(() => readApiSettings({ FAILTRACE_API_KEYS_FILE: '/nowhere' })).toThrow(
      'FAILTRACE_API_KEYS_FILE cannot be read (ENOENT)',
    );
  });

  it('wants a file of keys for api-key', () => {
    expect(() => readApiSettings({ FAILTRACE_AUTH: 'api-key' })).toThrow(
      'FAILTRACE_API_KEYS_FILE is not set. Allowed: the path',
    );
  });
});
