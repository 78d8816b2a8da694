import { describe, expect, it } from 'vitest';
import { readClickHouseAddress, requireClickHouseAddress } from './clickhouse-address.ts';
import { SettingError } from './settings.ts';

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

describe('the cluster', () => {
  const url = { CLICKHOUSE_URL: 'http://ch:8123' };

  it('is none by default', () => {
    expect(readClickHouseAddress(url)).not.toHaveProperty('cluster');
  });

  it.each([
    [undefined, 'auto'],
    ['auto', 'auto'],
    ['0', 0],
    ['3', 3],
  ])('waits for a quorum: %s', (value, quorum) => {
    const env = {
      ...url,
      FAILTRACE_CLICKHOUSE_CLUSTER: 'eu-1',
      FAILTRACE_CLICKHOUSE_QUORUM: value,
    };
    expect(requireClickHouseAddress(env).cluster).toEqual({ name: 'eu-1', quorum });
  });

  it.each([
    ['FAILTRACE_CLICKHOUSE_CLUSTER', "a'b"],
    ['FAILTRACE_CLICKHOUSE_CLUSTER', '{cluster}'],
    ['FAILTRACE_CLICKHOUSE_QUORUM', 'all'],
    ['FAILTRACE_CLICKHOUSE_QUORUM', '-1'],
    ['FAILTRACE_CLICKHOUSE_QUORUM', '101'],
  ])('refuses %s=%s, and says what is allowed', (key, value) => {
    expect(() => readClickHouseAddress({ ...url, [key]: value })).toThrow(
      `${key}="${value}" is not understood. Allowed: `,
    );
  });

  it('refuses a quorum of no cluster, and a cluster of no server', () => {
    const quorum = { FAILTRACE_CLICKHOUSE_QUORUM: 'auto' };
    expect(() => readClickHouseAddress({ ...url, ...quorum })).toThrow(
      'FAILTRACE_CLICKHOUSE_QUORUM="auto" is for a cluster. Allowed: ',
    );
    expect(() => readClickHouseAddress({ FAILTRACE_CLICKHOUSE_CLUSTER: 'eu' })).toThrow(
      'FAILTRACE_CLICKHOUSE_CLUSTER="eu" needs CLICKHOUSE_URL, which is not set. Allowed: http',
    );
  });
});
