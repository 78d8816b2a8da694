import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { createClient } from '@clickhouse/client';
import { describe, expect, inject, it } from 'vitest';

const server = inject('clickhouseUrl');
const service = fileURLToPath(new URL('../../testing/ending-service.ts', import.meta.url));

function end(how: string, env: NodeJS.ProcessEnv = {}) {
  return new Promise<{ code: number | null; stdout: string; stderr: string }>((resolve) => {
    const child = execFile(
      process.execPath,
      ['--conditions=failtrace-source', service, how],
      { env: { PATH: process.env['PATH'], ...env }, timeout: 50_000 },
      (_, stdout, stderr) => resolve({ code: child.exitCode, stdout, stderr }),
    );
  });
}

/** Ends a service with failtrace, and gives what it printed and what was stored. */
async function endWith(how: string) {
  const url = new URL(`/ft_sdk_end_${randomBytes(6).toString('hex')}`, server);
  const printed = await end(how, { CLICKHOUSE_URL: url.href });
  const client = createClient({ url: url.href });
  const result = await client.query({
    query: `SELECT span_name, run_id, names_run, status, error_type, error_message,
        arrayExists(text -> text LIKE '%[cause]: TypeError: %', groupArray(content))
      FROM run_records FINAL LEFT JOIN stack_texts USING (text_hash)
      GROUP BY ALL ORDER BY ALL`,
    format: 'JSONCompactEachRow',
  });
  const stored = await result.json();
  await client.command({ query: `DROP DATABASE ${url.pathname.slice(1)}` });
  await client.close();
  return { printed, stored };
}

const theEnd = ['Error', 'the end', 1];

/** For each way to end: what is stored, by span, run, whether it names a run, and status. */
const ways: [how: string, code: number, stored: unknown[]][] = [
  // What was active is told where a callback threw, and not where the function that made it active did.
  ['thrown in a span', 1, [['root', 'run_1', true, 'error', ...theEnd]]],
  [
    'thrown in a timer of one of two spans',
    1,
    [
      ['inner', '', false, 'error', ...theEnd],
      ['root', 'run_1', true, 'error', '', 'the end', 0],
    ],
  ],
  [
    'rejected in a span',
    1,
    // Node does not say where a promise was rejected: the one trace that is open has it.
    [['root', 'run_1', true, 'error', ...theEnd]],
  ],
  ['thrown without a span', 1, [['uncaughtException', '', true, 'error', ...theEnd]]],
  ['a word is thrown', 1, [['uncaughtException', '', true, 'error', 'Uncaught', 'just a word', 0]]],
  ['exit after a failure', 3, [['root', 'run_1', true, 'error', ...theEnd]]],
  ['handled by the service', 0, [['uncaughtException', '', true, 'error', ...theEnd]]],
];

describe('the end of a process', () => {
  it.each(ways)('%s: stored, and printed as without failtrace', async (how, code, stored) => {
    const [alone, { printed, stored: found }] = await Promise.all([end(how), endWith(how)]);
    expect(alone.code).toBe(code);
    expect(printed).toEqual(alone);
    expect(found).toEqual(stored);
  });

  it('rejected with a value: stored, and printed as without failtrace', async () => {
    const how = 'rejected with a value';
    const [alone, { printed, stored }] = await Promise.all([end(how), endWith(how)]);
    expect(alone.code).toBe(1);
    expect(printed).toEqual(alone);
    expect(stored).toEqual([
      [
        'unhandledRejection',
        '',
        true,
        'error',
        'ERR_UNHANDLED_REJECTION',
        expect.stringContaining('"#<Object>"'),
        0,
      ],
    ]);
  });

  it('waits for ClickHouse no longer than it was told, and says what was lost', async () => {
    const how = 'thrown in a span';
    const alone = await end(how);
    const { code, stdout, stderr } = await end(how, {
      CLICKHOUSE_URL: 'http://127.0.0.1:9/failtrace',
      LAST_FLUSH_MS: '300',
    });
    expect({ code, stdout }).toEqual({ code: alone.code, stdout: alone.stdout });
    const lines = stderr.split('\n');
    expect(lines.filter((line) => line.startsWith('{'))).toEqual([
      expect.stringContaining('were not stored within 300 ms'),
    ]);
    expect(lines.filter((line) => !line.startsWith('{')).join('\n')).toBe(alone.stderr);
  });
});
