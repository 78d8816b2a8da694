import { randomBytes } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ClickHouseAddress } from '@failtrace/contract/server';
import { createReadClient } from '../clickhouse-client.ts';
import { StorageUnavailable } from '../errors.ts';
import { createTestDatabase, failedRun, failure, runSpan } from '../testing/database.ts';
import type { TestDatabase } from '../testing/database.ts';
import { formOf } from '../testing/rows.ts';
import { firstChunksQuery } from './first-chunks.ts';
import { createReader } from './reader.ts';
import type { Reader } from './reader.ts';
import type { Scope } from './scope.ts';

const everything: Scope = { namespaces: '*', services: '*' };
const nothing = { spans: [], failures: [], fits: true };

let database: TestDatabase;
let reader: Reader;

beforeAll(async () => {
  database = await createTestDatabase();
  reader = createReader(database.readClient);
});
afterAll(() => database.drop());

describe('firstChunks', () => {
  it('begins each text of a run, by its hash', async () => {
    const long = 'x'.repeat(100_000);
    const texts = ['E: gone\n    at a', long];
    for (const stackText of texts) {
      await database.write(failedRun('beginnings', { message: '', stackText }));
    }
    await database.write(failedRun('of another run', { stackText: 'E: other' }));
    const { failures } = await reader.runRows({ runIds: ['beginnings'] }, everything, 'whole');
    const chunks = await reader.firstChunks({ runIds: ['beginnings'] }, everything);
    const found = failures.map(({ textHash }) =>
      Buffer.from(chunks.get(textHash) ?? []).toString(),
    );
    expect(found.toSorted()).toEqual([texts[0], long.slice(0, 65_536)]);
    expect(chunks.size).toBe(2);
  });

  it('reads one partition of all that the retention keeps', async () => {
    const { sql, params } = firstChunksQuery({ runIds: ['beginnings'] }, everything);
    const explained = await database.client.query({
      query: `EXPLAIN indexes = 1 ${sql}`,
      query_params: params,
      format: 'TabSeparatedRaw',
    });
    expect(await explained.text()).toMatch(
      /Min-Max[\s\S]*?expires_at[\s\S]*?Condition: .*expires_at/,
    );
  });
});

describe('runRows', () => {
  it('gives back every column as it was written', async () => {
    const traceId = randomBytes(16);
    const span = runSpan({ runId: 'columns', traceId, spanName: 'no "stock" \\ ü' });
    const one = failure({
      ...span,
      parentSpanId: randomBytes(8),
      runId: '',
      occurredAt: 1_700_000_000_123_456_789n,
      source: 3,
      handled: true,
    });
    await database.write({ runSpans: [span], failures: [one] });

    const rows = await reader.runRows({ runIds: ['columns'] }, everything, 'whole');
    expect(rows.spans).toMatchObject([
      {
        runId: 'columns',
        traceId: traceId.toString('hex'),
        spanId: span.spanId.toString('hex'),
        parentSpanId: '',
        namespace: 'shop',
        service: 'orders',
        spanName: 'no "stock" \\ ü',
        startedAt: span.startedAt,
        endedAt: span.endedAt,
        status: 'error',
      },
    ]);
    expect(rows.failures).toMatchObject([
      {
        runId: '',
        parentSpanId: one.parentSpanId.toString('hex'),
        spanEndedAt: one.endedAt,
        occurredAt: 1_700_000_000_123_456_789n,
        handled: true,
        source: 'log_record',
        errorType: 'OrderError',
        message: Buffer.from('Order 4711 not found'),
        messageBytes: 20,
        messageHash: '',
        templateForm: formOf(one.stackText.length - 20, 12),
        cuts: [],
      },
    ]);
    expect(rows.failures[0]?.expiresAt).toBe(rows.spans[0]?.expiresAt);
  });

  it('keeps a message that is not valid UTF-8', async () => {
    const message = Buffer.from([0x66, 0xff, 0xfe, 0x00, 0x6f]);
    await database.write(failedRun('bytes', { message }));
    const { failures } = await reader.runRows({ runIds: ['bytes'] }, everything, 'whole');
    expect(failures[0]?.message).toEqual(message);
  });

  it('finds the failures of a trace that has no run id', async () => {
    const one = failure();
    await database.write({ failures: [one] });
    const id = one.traceId.toString('hex');
    const rows = await reader.runRows({ runIds: [id, id.toUpperCase()] }, everything, 'whole');
    expect(rows).toMatchObject({ spans: [], failures: [{ traceId: id }] });
  });

  it.each([
    ['another namespace', { namespaces: ['other'], services: '*' }],
    ['another service', { namespaces: '*', services: ['other'] }],
    ['nothing', { namespaces: [], services: [] }],
  ] satisfies Array<[string, Scope]>)('tells nothing to a scope of %s', async (_, scope) => {
    await database.write(failedRun('scoped'));
    expect(await reader.runRows({ runIds: ['scoped'] }, scope, 'whole')).toMatchObject(nothing);
  });

  it.each([
    `' OR 1 = 1 --`,
    `\\' OR 1 = 1 --`,
    `'] OR 1 = 1 --`,
    `{run_ids:Array(String)}`,
    '%',
    'x'.repeat(256),
    `'`.repeat(256),
    '💥'.repeat(256),
  ])('takes %s for nothing but a name', async (runId) => {
    const before = await reader.runRows({ runIds: Array(100).fill(runId) }, everything, 'whole');
    expect(before).toMatchObject(nothing);
    await database.write(failedRun(runId));
    const rows = await reader.runRows({ runIds: [runId] }, everything, 'whole');
    expect(rows.spans.map((span) => span.runId)).toEqual([runId]);
  });

  it('may not write', async () => {
    const statement = {
      query: 'TRUNCATE TABLE run_records',
      clickhouse_settings: { readonly: '2' as const },
    };
    await expect(database.readClient.command(statement)).rejects.toThrow(/readonly/);
  });
});

describe('stackText', () => {
  async function textOf(runId: string): Promise<Buffer> {
    const { failures } = await reader.runRows({ runIds: [runId] }, everything, 'whole');
    const { textHash = '', traceId = '', expiresAt = 0 } = failures[0] ?? {};
    return buffer(reader.stackText({ textHash, traceId, failureExpiresAt: expiresAt }, everything));
  }

  it('gives the chunks in order, each once, although they stand there twice', async () => {
    const stackText = Array.from({ length: 60_000 }, (_, line) => `  at line${line}\n`).join('');
    await database.write(failedRun('chunks', { stackText, message: '' }));
    await database.client.command({
      query: `INSERT INTO stack_texts SELECT * FROM stack_texts
        WHERE text_hash IN (SELECT text_hash FROM run_records WHERE run_id = 'chunks')
        ORDER BY chunk DESC`,
    });
    const text = await textOf('chunks');
    expect(text.equals(Buffer.from(stackText))).toBe(true);
  });

  it('gives nothing for a text that is not there', async () => {
    const ref = {
      textHash: 'ab'.repeat(16),
      traceId: 'cd'.repeat(16),
      failureExpiresAt: 1_900_000_000,
    };
    expect((await buffer(reader.stackText(ref, everything))).length).toBe(0);
  });
});

describe('ready', () => {
  it('is content with the tables', async () => {
    await expect(reader.ready()).resolves.toBeUndefined();
  });

  it('names tables that are missing', async () => {
    const client = createReadClient({ ...database.address, database: 'default' });
    await expect(createReader(client).ready()).rejects.toThrow(
      'The database has no table run_records, record_keys, stack_texts yet.',
    );
    await client.close();
  });
});

describe('a storage that does not answer as it should', () => {
  async function readFrom(address: Partial<ClickHouseAddress>): Promise<unknown> {
    const client = createReadClient({ ...database.address, ...address });
    const error: unknown = await createReader(client)
      .runRows({ runIds: ['run_1'] }, everything, 'whole')
      .catch((thrown: unknown) => thrown);
    await client.close();
    return error;
  }

  it.each([
    ['garbage', 200, 'this is no RowBinary'],
    ['an error page', 502, '<html>Bad gateway</html>'],
    ['an exception', 500, 'Code: 241. DB::Exception: secret SELECT (MEMORY_LIMIT_EXCEEDED)'],
  ])('is told from an empty one: %s', async (_, status, body) => {
    const server = createServer((_request, response) => {
      response.writeHead(status).end(body);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    const error = await readFrom({ url: `http://127.0.0.1:${port}`, password: 'hunter2' });
    server.close();
    expect(error).toBeInstanceOf(StorageUnavailable);
    expect((error as Error).message).not.toMatch(/SELECT|hunter2|html|RowBinary/);
  });

  it('is told when nobody listens, without host and password', async () => {
    const error = await readFrom({ url: 'http://127.0.0.1:1', password: 'hunter2' });
    expect(error).toBeInstanceOf(StorageUnavailable);
    expect((error as Error).message).toBe('The storage does not answer. Try again later.');
  });

  it('is told when the password is wrong', async () => {
    expect(await readFrom({ password: 'wrong' })).toBeInstanceOf(StorageUnavailable);
  });
});
