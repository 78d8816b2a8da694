import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { createClient } from '@clickhouse/client';
import { describe, expect, inject, it } from 'vitest';

const run = promisify(execFile);
const services = {
  'an ES module, the example': { file: '../../examples/in-process/main.ts', name: 'nightly-job' },
  CommonJS: { file: '../testing/service.cts', name: 'commonjs' },
};

describe('in a NodeSDK', () => {
  it.each(Object.entries(services))('is one import and one line: %s', async (_, { file, name }) => {
    const url = new URL(`/ft_sdk_node_${randomBytes(6).toString('hex')}`, inject('clickhouseUrl'));
    const service = fileURLToPath(new URL(file, import.meta.url));
    const { stdout, stderr } = await run(
      process.execPath,
      ['--conditions=failtrace-source', service],
      { env: { CLICKHOUSE_URL: url.href }, timeout: 50_000 },
    );
    expect({ stdout, stderr }).toEqual({ stdout: '', stderr: '' });
    const client = createClient({ url: url.href });
    const result = await client.query({
      query: 'SELECT service, error_message FROM run_records',
      format: 'JSONCompactEachRow',
    });
    expect(await result.json()).toEqual([[name, 'no stock for 3 of A-17']]);
    await client.command({ query: `DROP DATABASE ${url.pathname.slice(1)}` });
    await client.close();
  });
});
