import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createKey } from '@failtrace/contract/server';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DEFAULT_RUN_ID_ATTRIBUTES } from './decode/attribute-names.ts';
import { readReceiverSettings } from './settings.ts';

const pinned = { ...createKey('shop-collector').entry, namespace: 'shop' };
const free = createKey('collector').entry;
let directory: string;
const MEBIBYTE = 2 ** 20;
let keysFile: string;
beforeAll(() => {
  directory = mkdtempSync(path.join(tmpdir(), 'failtrace-otlp-keys-'));
  keysFile = fileOf('keys.json', { keys: [pinned, free] });
});
afterAll(() => rmSync(directory, { recursive: true }));

function fileOf(name: string, content: unknown): string {
  const file = path.join(directory, name);
  writeFileSync(file, JSON.stringify(content));
  return file;
}

describe('the settings of the receiver', () => {
  it('have defaults', () => {
    expect(readReceiverSettings({ FAILTRACE_OTLP_PORT: '' }, 4)).toEqual({
      host: '127.0.0.1',
      otlpPort: 4318,
      otlpGrpcPort: 4317,
      auth: { mode: 'none' },
      retentionMs: 30 * 86_400_000,
      runIdAttributes: DEFAULT_RUN_ID_ATTRIBUTES,
      maxBodyBytes: 20_971_520,
      maxBufferedBytes: 268_435_456,
      fsync: true,
      startTimeoutMs: 60_000,
      workers: 3,
    });
  });

  it.each([
    [1, 1],
    [2, 1],
    [16, 15],
    [128, 64],
  ])('have on %i cores %i workers', (cores, workers) => {
    expect(readReceiverSettings({}, cores).workers).toBe(workers);
  });

  it.each([
    [{}, 4317],
    [{ FAILTRACE_OTLP_PORT: '4328' }, 4327],
    [{ FAILTRACE_OTLP_PORT: '0' }, 0],
    [{ FAILTRACE_OTLP_GRPC_PORT: 'off' }, undefined],
    [{ FAILTRACE_OTLP_GRPC_PORT: '' }, undefined],
  ])('have of %j the port %s for gRPC', (env, port) => {
    expect(readReceiverSettings(env).otlpGrpcPort).toBe(port);
  });

  it('can all be set', () => {
    expect(
      readReceiverSettings({
        FAILTRACE_HOST: '::1',
        FAILTRACE_OTLP_PORT: '0',
        FAILTRACE_OTLP_GRPC_PORT: '5317',
        FAILTRACE_OTLP_AUTH: 'api-key',
        FAILTRACE_OTLP_KEYS_FILE: keysFile,
        FAILTRACE_RETENTION: '12h',
        FAILTRACE_RUN_ID_ATTRIBUTES: 'job.id, run.id',
        FAILTRACE_MAX_BODY_BYTES: '1024',
        FAILTRACE_MAX_BUFFERED_BYTES: '2000000',
        FAILTRACE_FSYNC: 'false',
        FAILTRACE_START_TIMEOUT: '5m',
        FAILTRACE_RECEIVER_WORKERS: '7',
      }),
    ).toEqual({
      host: '::1',
      otlpPort: 0,
      otlpGrpcPort: 5317,
      auth: { mode: 'api-key', keys: [pinned, free] },
      retentionMs: 12 * 3_600_000,
      runIdAttributes: ['job.id', 'run.id'],
      maxBodyBytes: 1024,
      maxBufferedBytes: 2_000_000,
      fsync: false,
      startTimeoutMs: 300_000,
      workers: 7,
    });
  });

  it.each([
    ['FAILTRACE_HOST', 'a b'],
    ['FAILTRACE_OTLP_PORT', '70000'],
    ['FAILTRACE_OTLP_PORT', '-1'],
    ['FAILTRACE_OTLP_GRPC_PORT', 'none'],
    ['FAILTRACE_OTLP_GRPC_PORT', '65536'],
    ['FAILTRACE_OTLP_PORT', '4318 '],
    ['FAILTRACE_OTLP_AUTH', 'password'],
    ['FAILTRACE_RETENTION', 'forever'],
    ['FAILTRACE_RETENTION', '30'],
    ['FAILTRACE_RETENTION', '1s'],
    ['FAILTRACE_RETENTION', '999999y'],
    ['FAILTRACE_RUN_ID_ATTRIBUTES', 'a,,b'],
    ['FAILTRACE_RUN_ID_ATTRIBUTES', ','],
    ['FAILTRACE_MAX_BODY_BYTES', '1'],
    ['FAILTRACE_MAX_BODY_BYTES', '1e9'],
    ['FAILTRACE_MAX_BODY_BYTES', '1073217537'],
    ['FAILTRACE_MAX_BUFFERED_BYTES', '20971520'],
    ['FAILTRACE_MAX_BUFFERED_BYTES', '4294967296'],
    ['FAILTRACE_FSYNC', 'no'],
    ['FAILTRACE_START_TIMEOUT', '60'],
    ['FAILTRACE_START_TIMEOUT', '2h'],
    ['FAILTRACE_RECEIVER_WORKERS', '0'],
    ['FAILTRACE_RECEIVER_WORKERS', '65'],
    ['FAILTRACE_RECEIVER_WORKERS', 'all'],
  ])('refuse %s=%s, and say what is allowed', (key, value) => {
    const attempt = () => readReceiverSettings({ [key]: value });
    expect(attempt).toThrow(`${key}="${value}" is not understood. Allowed: `);
  });

  it('always leave room for one body, packed and unpacked', () => {
    const large = readReceiverSettings({ FAILTRACE_MAX_BODY_BYTES: '1073217536' });
    expect(large.maxBufferedBytes).toBe(2 * large.maxBodyBytes + MEBIBYTE);
    expect(large.maxBufferedBytes).toBe(2 ** 31);
  });
});

describe('who may send', () => {
  const elsewhere = { FAILTRACE_HOST: '0.0.0.0' };

  it.each([
    ['nobody else on loopback', {}, 'none'],
    ['the network, when told aloud', { ...elsewhere, FAILTRACE_OTLP_AUTH: 'network' }, 'network'],
  ])('is %s', (_, env, mode) => {
    expect(readReceiverSettings(env).auth).toEqual({ mode });
  });

  it('is who has a key, wherever there is a file of keys', () => {
    const env = { ...elsewhere, FAILTRACE_OTLP_KEYS_FILE: keysFile };
    expect(readReceiverSettings(env).auth.mode).toBe('api-key');
  });

  it.each<[string, () => Record<string, string>, string]>([
    ['everybody by default', () => elsewhere, 'FAILTRACE_HOST="0.0.0.0" can be reached'],
    [
      'everybody',
      () => ({ ...elsewhere, FAILTRACE_OTLP_AUTH: 'none' }),
      'FAILTRACE_OTLP_AUTH="none"',
    ],
    [
      'keys that are nowhere',
      () => ({ FAILTRACE_OTLP_AUTH: 'api-key' }),
      'needs FAILTRACE_OTLP_KEYS_FILE',
    ],
    [
      'keys that would be ignored',
      () => ({ FAILTRACE_OTLP_AUTH: 'network', FAILTRACE_OTLP_KEYS_FILE: keysFile }),
      'unused',
    ],
    [
      'a file that is not there',
      () => ({ FAILTRACE_OTLP_KEYS_FILE: path.join(directory, 'missing.json') }),
      'FAILTRACE_OTLP_KEYS_FILE cannot be read (ENOENT)',
    ],
    [
      'an entry with a name that no key has',
      () => ({
        FAILTRACE_OTLP_KEYS_FILE: fileOf('scoped.json', { keys: [{ ...free, namespaces: ['a'] }] }),
      }),
      'keys.0',
    ],
    [
      'an empty namespace, which would pin nothing',
      () => ({
        FAILTRACE_OTLP_KEYS_FILE: fileOf('empty.json', { keys: [{ ...free, namespace: '' }] }),
      }),
      'keys.0.namespace',
    ],
  ])('is never %s', (_, env, message) => {
    const attempt = () => readReceiverSettings(env());
    expect(attempt).toThrow(message);
    expect(attempt).toThrow('Allowed: ');
  });
});
