import { describe, expect, it } from 'vitest';
import { DEFAULT_RUN_ID_ATTRIBUTES } from './decode/attribute-names.ts';
import { readClickHouseAddress, readReceiverSettings } from './settings.ts';

describe('the settings of the receiver', () => {
  it('have defaults', () => {
    expect(readReceiverSettings({ FAILTRACE_OTLP_PORT: '' })).toEqual({
      host: '127.0.0.1',
      otlpPort: 4318,
      retentionMs: 30 * 86_400_000,
      runIdAttributes: DEFAULT_RUN_ID_ATTRIBUTES,
      maxBodyBytes: 20_971_520,
    });
  });

  it('can all be set', () => {
    expect(
      readReceiverSettings({
        FAILTRACE_HOST: '::1',
        FAILTRACE_OTLP_PORT: '0',
        FAILTRACE_RETENTION: '12h',
        FAILTRACE_RUN_ID_ATTRIBUTES: 'job.id, run.id',
        FAILTRACE_MAX_BODY_BYTES: '1024',
      }),
    ).toEqual({
      host: '::1',
      otlpPort: 0,
      retentionMs: 12 * 3_600_000,
      runIdAttributes: ['job.id', 'run.id'],
      maxBodyBytes: 1024,
    });
  });

  it.each([
    ['FAILTRACE_HOST', 'a b'],
    ['FAILTRACE_OTLP_PORT', '70000'],
    ['FAILTRACE_OTLP_PORT', '-1'],
    ['FAILTRACE_OTLP_PORT', '4318 '],
    ['FAILTRACE_RETENTION', 'forever'],
    ['FAILTRACE_RETENTION', '30'],
    ['FAILTRACE_RETENTION', '1s'],
    ['FAILTRACE_RETENTION', '999999y'],
    ['FAILTRACE_RUN_ID_ATTRIBUTES', 'a,,b'],
    ['FAILTRACE_RUN_ID_ATTRIBUTES', ','],
    ['FAILTRACE_MAX_BODY_BYTES', '1'],
    ['FAILTRACE_MAX_BODY_BYTES', '1e9'],
  ])('refuse %s=%s, and say what is allowed', (key, value) => {
    const attempt = () => readReceiverSettings({ [key]: value });
    expect(attempt).toThrow(`${key}="${value}" is not understood. Allowed: `);
  });
});

describe('CLICKHOUSE_URL', () => {
  it.each([
    ['http://localhost:8123', { url: 'http://localhost:8123/', database: 'failtrace' }],
    ['https://u:p@ch.example.org/ops', { url: 'https://u:p@ch.example.org/', database: 'ops' }],
  ])('%s gives address and database', (value, address) => {
    expect(readClickHouseAddress({ CLICKHOUSE_URL: value })).toEqual(address);
  });

  it('is not set by default', () => {
    expect(readClickHouseAddress({})).toBeUndefined();
  });

  it.each([
    'localhost:8123',
    'ftp://x',
    'http://x/a/b',
    'http://x/a`b',
    'http://x/%zz',
    'tcp://u:secret@h:9000',
  ])('refuses %s without repeating a password', (value) => {
    const attempt = () => readClickHouseAddress({ CLICKHOUSE_URL: value });
    expect(attempt).toThrow(/^CLICKHOUSE_URL="(?!.*secret).*Allowed: http/);
  });
});
