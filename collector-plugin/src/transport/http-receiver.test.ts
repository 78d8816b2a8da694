import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import { listen, type Listening } from '@failtrace/contract/server';
import protobuf from 'protobufjs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { attributeNames, DEFAULT_RUN_ID_ATTRIBUTES } from '../decode/attribute-names.ts';
import { OverloadedError, StorageUnavailableError } from '../errors.ts';
import type { Extracted } from '../extract/failure.ts';
import { spanMatters } from '../extract/span-rule.ts';
import { createIngest } from '../ingest/ingest.ts';
import { budgetOf, createSharedBudget } from '../worker/buffer-budget.ts';
import { createBodyProcessor } from '../worker/process-body.ts';
import { createHttpReceiver } from './http-receiver.ts';
import { createBodyTaker } from './take-body.ts';

const PROTOBUF = 'application/x-protobuf';
const JSON_TYPE = 'application/json';
const MAX_BODY_BYTES = 100_000;
const MAX_BUFFERED_BYTES = 3 * MAX_BODY_BYTES;
const testdata = (name: string) => readFileSync(new URL(`../../testdata/${name}`, import.meta.url));
const oneException = testdata('js-sdk-0.301-one-exception.bin');

let written: Extracted[];
let write: (extracted: Extracted) => Promise<void>;
let faults: unknown[];
let said: string[];
let fields: object[];
let heldBytes: () => number;
let receiver: Listening;

beforeEach(async () => {
  written = [];
  faults = [];
  write = async (extracted) => {
    written.push(extracted);
  };
  const budget = createSharedBudget(MAX_BUFFERED_BYTES);
  const process = createBodyProcessor({
    ingest: createIngest({ write: (extracted) => write(extracted) }),
    decodeOptions: { runIdNames: attributeNames(DEFAULT_RUN_ID_ATTRIBUTES), keep: spanMatters },
    maxBodyBytes: MAX_BODY_BYTES,
    budget: budgetOf(budget, 0),
    isStoreFull: () => false,
  });
  said = [];
  fields = [];
  const logger = {
    info: (_: object, message: string) => said.push(message),
    warn: (told: object, message: string) => {
      fields.push(told);
      said.push(message);
    },
    error: ({ err }: { err?: unknown }) => faults.push(err),
  };
  const server = createHttpReceiver({
    take: createBodyTaker(process, logger).take,
    auth: { mode: 'none' },
    maxBodyBytes: MAX_BODY_BYTES,
    budget: budgetOf(budget, 'transport'),
    logger,
    pace: { graceMs: 300, bytesPerSecond: 10_000 },
  });
  heldBytes = () => MAX_BUFFERED_BYTES - budgetOf(budget, 'transport').freeBytes();
  receiver = await listen(server, {
    host: '127.0.0.1',
    port: 0,
    portSetting: 'FAILTRACE_OTLP_PORT',
    drainMs: 1_000,
  });
});
afterEach(() => receiver.close());

function post(body: BodyInit, headers: Record<string, string>, path = '/v1/traces') {
  return fetch(`http://127.0.0.1:${receiver.port}${path}`, { method: 'POST', body, headers });
}

const { nested } = protobuf.parse(
  `
  syntax = "proto3";
  message Status { int32 code = 1; string message = 2; }
  message Partial { int64 rejected_spans = 1; string error_message = 2; }
  message Response { Partial partial_success = 1; }
`,
  { keepCase: true },
).root;

async function decoded(response: Response, type: 'Status' | 'Response'): Promise<unknown> {
  const message = nested?.[type] as protobuf.Type;
  return message.decode(Buffer.from(await response.arrayBuffer())).toJSON();
}

/** OTLP/JSON of one span. */
function jsonSpan(span: object): string {
  return JSON.stringify({ resourceSpans: [{ scopeSpans: [{ spans: [span] }] }] });
}

/** OTLP/JSON of one failing span, made as long as that. */
function paddedTo(length: number): Buffer {
  const span = { traceId: 'ab'.repeat(16), spanId: 'cd'.repeat(8), status: { code: 2 } };
  const body = Buffer.alloc(length, ' ');
  body.write(jsonSpan(span));
  return body;
}

describe('the receiver', () => {
  it.each([
    ['protobuf', oneException, PROTOBUF],
    ['JSON', testdata('js-sdk-0.301-one-exception.json'), JSON_TYPE],
  ])('takes %s, packed or not, and answers in the same encoding', async (_, body, contentType) => {
    for (const [packed, encoding] of [
      [body, 'identity'],
      [gzipSync(body), 'gzip'],
      [zstdCompressSync(body), 'zstd'],
    ] as const) {
      const response = await post(packed, {
        'content-type': `${contentType}; charset=utf-8`,
        'content-encoding': encoding,
      });
      expect(response.status).toBe(200);
      expect(response.headers.get('content-type')).toBe(contentType);
      expect(await response.text()).toBe(contentType === JSON_TYPE ? '{}' : '');
    }
    expect(written.map(({ failures }) => failures.length)).toEqual([1, 1, 1]);
    expect(written[0]?.failures[0]?.stackText.toString()).toContain('\n    at ');
  });

  it('takes log records by the same path, packed or not', async () => {
    const logs = testdata('logs/python-sdk-1.45-logging.logs.bin');
    for (const [packed, encoding] of [
      [logs, 'identity'],
      [gzipSync(logs), 'gzip'],
      [zstdCompressSync(logs), 'zstd'],
    ] as const) {
      const headers = { 'content-type': PROTOBUF, 'content-encoding': encoding };
      const response = await post(packed, headers, '/v1/logs');
      expect(response.status).toBe(200);
      expect(await response.text()).toBe('');
    }
    expect(written.map(({ failures }) => failures.length)).toEqual([2, 2, 2]);
    expect(written[0]?.failures.map(({ source }) => source)).toEqual([3, 3]);
  });

  it('says in JSON what is wrong with log records', async () => {
    const runId = { key: 'run.id', value: { stringValue: 'a\nb' } };
    const logRecords = [{ eventName: 'exception', attributes: [runId] }];
    const body = JSON.stringify({ resourceLogs: [{ scopeLogs: [{ logRecords }] }] });
    const response = await post(body, { 'content-type': JSON_TYPE }, '/v1/logs');
    expect(await response.json()).toEqual({
      partialSuccess: {
        rejectedLogRecords: '0',
        errorMessage: expect.stringMatching(/^1 log records carry a run id that was ignored/),
      },
    });
  });

  it.each([
    [PROTOBUF, Buffer.from([0x0a, 0x00]), ''],
    [JSON_TYPE, Buffer.from('{"resourceMetrics":[]}'), '{}'],
  ])('takes metrics in %s, drops them, and says so once', async (type, body, answer) => {
    for (const path of ['/v1/metrics', '/v1/metrics']) {
      const response = await post(body, { 'content-type': type }, path);
      expect(response.status).toBe(200);
      expect(response.headers.get('content-type')).toBe(type);
      expect(await response.text()).toBe(answer);
    }
    expect(said).toEqual([expect.stringMatching(/^Metrics arrive, and are not kept/)]);
    const tooLong = await post(
      Buffer.alloc(MAX_BODY_BYTES + 1),
      { 'content-type': type },
      '/v1/metrics',
    );
    expect(tooLong.status).toBe(413);
    expect(written).toEqual([]);
    expect(heldBytes()).toBe(0);
  });

  it.each([
    ['as it is', Buffer.alloc(MAX_BODY_BYTES + 1), 'identity'],
    ['unpacked', gzipSync(Buffer.alloc(MAX_BODY_BYTES + 1)), 'gzip'],
  ])('says in the log whose batch was too long %s, and so is lost', async (_, body, encoding) => {
    const agent = 'OTel-OTLP-Exporter-Python/1.45.2';
    const headers = { 'content-type': PROTOBUF, 'content-encoding': encoding, 'user-agent': agent };
    expect((await post(body, headers)).status).toBe(413);
    expect(said).toEqual([
      expect.stringMatching(/^A batch was refused .* FAILTRACE_MAX_BODY_BYTES/),
    ]);
    expect(fields).toMatchObject([
      { remoteAddress: '127.0.0.1', userAgent: agent, bytes: body.length },
    ]);
  });

  it('answers only after the store has taken everything', async () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    write = () => promise;
    let answered = false;
    const response = post(oneException, { 'content-type': PROTOBUF }).then((result) => {
      answered = true;
      return result;
    });
    await new Promise((wait) => setTimeout(wait, 200));
    expect(answered).toBe(false);
    resolve();
    expect((await response).status).toBe(200);
  });

  it.each([
    ['a ClickHouse that is away', new StorageUnavailableError('ClickHouse is away.'), 503, 14],
    ['too much at once', new OverloadedError('Too much.'), 429, 8],
    ['a fault of our own', new Error('secret detail'), 503, 14],
  ])('tells the sender to try again after %s', async (_, error, status, code) => {
    write = () => Promise.reject(error);
    const response = await post(oneException, { 'content-type': PROTOBUF });
    expect(response.status).toBe(status);
    expect(Number(response.headers.get('retry-after'))).toBeGreaterThan(0);
    const body = await decoded(response, 'Status');
    expect(body).toMatchObject({ code });
    expect(JSON.stringify(body)).not.toContain('secret');
    expect(faults).toEqual(status === 503 ? [error] : []);
  });

  it('says which spans it could not keep, and keeps the others', async () => {
    const event = { name: 'exception', attributes: [] };
    const good = { traceId: '0af7651916cd43dd8448eb211c80319c', spanId: 'b7ad6b7169203331' };
    const body = JSON.stringify({
      resourceSpans: [
        {
          scopeSpans: [
            {
              spans: [
                { ...good, events: [event] },
                { ...good, traceId: 'abcd', events: [event] },
                {
                  ...good,
                  attributes: [{ key: 'run.id', value: { stringValue: 'a\nb' } }],
                  events: [event],
                },
              ],
            },
          ],
        },
      ],
    });
    const response = await post(body, { 'content-type': JSON_TYPE });
    expect(response.status).toBe(200);
    expect(await response.json()).toEqual({
      partialSuccess: {
        rejectedSpans: '1',
        errorMessage: expect.stringMatching(/trace id is 16 bytes.*run id that was ignored/),
      },
    });
    expect(written[0]?.failures).toHaveLength(2);
  });

  it('says the same in protobuf', async () => {
    const request = Buffer.concat([
      Buffer.from([0x0a, 0x15, 0x12, 0x13, 0x12, 0x11]),
      Buffer.from([0x0a, 0x02, 1, 1]),
      Buffer.from([0x5a, 0x0b, 0x12, 0x09]),
      Buffer.from('exception'),
    ]);
    const response = await post(request, { 'content-type': PROTOBUF });
    expect(response.status).toBe(200);
    expect(await decoded(response, 'Response')).toEqual({
      partial_success: { rejected_spans: '1', error_message: expect.stringContaining('trace id') },
    });
  });

  const bomb = Buffer.alloc(50 * 2 ** 20);
  it.each<[what: string, status: number, body: BodyInit, headers: Record<string, string>]>([
    ['garbage', 400, Buffer.alloc(50, 0xff), { 'content-type': PROTOBUF }],
    ['a message that is cut off', 400, oneException.subarray(0, 700), { 'content-type': PROTOBUF }],
    ['what is no JSON', 400, '{"resourceSpans": [', { 'content-type': JSON_TYPE }],
    ['an empty JSON body', 400, '', { 'content-type': JSON_TYPE }],
    ['JSON of another shape', 400, '{"resourceSpans": 7}', { 'content-type': JSON_TYPE }],
    [
      'JSON that is not UTF-8',
      400,
      Buffer.from('{"a":"\xff"}', 'latin1'),
      { 'content-type': JSON_TYPE },
    ],
    ['an id that is not hex', 400, jsonSpan({ traceId: 'zz' }), { 'content-type': JSON_TYPE }],
    [
      'an enum by its name',
      400,
      jsonSpan({ status: { code: 'STATUS_CODE_ERROR' } }),
      { 'content-type': JSON_TYPE },
    ],
    ['a body over the limit', 413, Buffer.alloc(MAX_BODY_BYTES + 1), { 'content-type': PROTOBUF }],
    ['a gzip bomb', 413, gzipSync(bomb), { 'content-type': PROTOBUF, 'content-encoding': 'gzip' }],
    [
      'a zstd bomb',
      413,
      zstdCompressSync(bomb),
      { 'content-type': PROTOBUF, 'content-encoding': 'zstd' },
    ],
    [
      'zstd that is none',
      400,
      oneException,
      { 'content-type': PROTOBUF, 'content-encoding': 'zstd' },
    ],
    [
      'gzip that is none',
      400,
      oneException,
      { 'content-type': PROTOBUF, 'content-encoding': 'gzip' },
    ],
    [
      'gzip that is cut off',
      400,
      gzipSync(oneException).subarray(0, 300),
      { 'content-type': PROTOBUF, 'content-encoding': 'gzip' },
    ],
    [
      'an encoding that is not offered',
      415,
      oneException,
      { 'content-type': PROTOBUF, 'content-encoding': 'br' },
    ],
    ['another media type', 415, oneException, { 'content-type': 'text/plain' }],
  ])('answers %s with %i and a clear message, and goes on', async (_, status, body, headers) => {
    const response = await post(body, headers);
    expect(response.status).toBe(status);
    const isProtobuf = headers['content-type'] === PROTOBUF;
    const answer = isProtobuf ? await decoded(response, 'Status') : await response.json();
    expect(answer).toMatchObject({ code: 3, message: expect.stringMatching(/^[A-Z].{15,}\.$/) });
    expect(written).toEqual([]);
    expect((await post(oneException, { 'content-type': PROTOBUF })).status).toBe(200);
  });

  it('refuses a body without a length once it is over the limit', async () => {
    const chunk = Buffer.alloc(20_000);
    const endless = new ReadableStream({
      pull(controller) {
        controller.enqueue(chunk);
      },
    });
    const response = await fetch(`http://127.0.0.1:${receiver.port}/v1/traces`, {
      method: 'POST',
      body: endless,
      duplex: 'half',
      headers: { 'content-type': PROTOBUF },
    } as RequestInit);
    expect(response.status).toBe(413);
  });

  it('takes an empty request, and one whose spans all went well', async () => {
    expect((await post(Buffer.alloc(0), { 'content-type': PROTOBUF })).status).toBe(200);
    expect((await post(jsonSpan({ traceId: '' }), { 'content-type': JSON_TYPE })).status).toBe(200);
  });

  it('survives a sender that hangs up in mid-body', async () => {
    const socket = connect(receiver.port, '127.0.0.1');
    await once(socket, 'connect');
    socket.write(
      `POST /v1/traces HTTP/1.1\r\nhost: x\r\ncontent-type: ${PROTOBUF}\r\ncontent-length: 5000\r\n\r\nabc`,
    );
    socket.destroy();
    expect((await post(oneException, { 'content-type': PROTOBUF })).status).toBe(200);
    expect(faults).toEqual([]);
  });

  it('knows its paths and methods', async () => {
    const url = `http://127.0.0.1:${receiver.port}`;
    expect((await fetch(`${url}/healthz`)).status).toBe(200);
    expect((await post('{}', { 'content-type': JSON_TYPE }, '/v1/profiles')).status).toBe(404);
    const get = await fetch(`${url}/v1/traces`);
    expect([get.status, get.headers.get('allow')]).toEqual([405, 'POST']);
  });

  it('holds packed and unpacked bytes until it has answered, and refuses what is over', async () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    write = () => promise;
    const body = paddedTo(90_000);
    const packed = gzipSync(body);
    const headers = { 'content-type': JSON_TYPE, 'content-encoding': 'gzip' };
    const first = [1, 2].map(() => post(packed, headers));
    await expect.poll(heldBytes).toBeGreaterThan(2 * (body.length + packed.length));
    const refused = await post(packed, headers);
    expect(refused.status).toBe(429);
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
    resolve();
    expect((await Promise.all(first)).map(({ status }) => status)).toEqual([200, 200]);
    expect(heldBytes()).toBe(0);
    expect((await post(packed, headers)).status).toBe(200);
  });

  it('counts a request that holds nothing but itself', async () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    write = () => promise;
    const headers = { 'content-type': PROTOBUF };
    const answered: number[] = [];
    const all = Array.from({ length: 40 }, async () => {
      answered.push((await post(oneException, headers)).status);
    });
    await expect.poll(() => answered).toContain(429);
    resolve();
    await Promise.all(all);
    expect(new Set(answered)).toEqual(new Set([200, 429]));
    expect(heldBytes()).toBe(0);
  });

  it.each([
    ['a refused body', 400, Buffer.alloc(50, 0xff)],
    ['a body over the limit', 413, Buffer.alloc(MAX_BODY_BYTES + 1)],
  ])('gives the room of %s back', async (_, status, body) => {
    expect((await post(body, { 'content-type': PROTOBUF })).status).toBe(status);
    expect(heldBytes()).toBe(0);
  });

  it('does not wait for a body that comes too slowly', async () => {
    const socket = connect(receiver.port, '127.0.0.1');
    await once(socket, 'connect');
    socket.write(
      `POST /v1/traces HTTP/1.1\r\nhost: localhost\r\ncontent-type: ${JSON_TYPE}\r\ncontent-length: 5000\r\n\r\n`,
    );
    const drip = setInterval(() => socket.write(' '), 20);
    const [answer] = (await once(socket, 'data')) as [Buffer];
    clearInterval(drip);
    expect(answer.toString()).toMatch(/^HTTP\/1\.1 503 [^]*retry-after: \d+[^]*bytes a second/i);
    socket.destroy();
    await expect.poll(heldBytes).toBe(0);
    expect(faults).toEqual([]);
  });

  it('asks for a body only when it will read it', async () => {
    const ask = async (contentType: string) => {
      const socket = connect(receiver.port, '127.0.0.1');
      await once(socket, 'connect');
      socket.write(
        `POST /v1/traces HTTP/1.1\r\nhost: localhost\r\nexpect: 100-continue\r\ncontent-type: ${contentType}\r\ncontent-length: 2\r\n\r\n`,
      );
      const [answer] = (await once(socket, 'data')) as [Buffer];
      socket.destroy();
      return answer.toString().slice(0, 12);
    };
    expect(await ask(JSON_TYPE)).toBe('HTTP/1.1 100');
    expect(await ask('text/plain')).toBe('HTTP/1.1 415');
  });

  it('serves others while 2,000 connections do nothing', async () => {
    const sockets = Array.from({ length: 2_000 }, (_, index) => {
      const socket = connect(receiver.port, '127.0.0.1').on('error', () => undefined);
      if (index % 2 === 0) socket.write('GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n');
      return socket;
    });
    await Promise.all(sockets.map((socket) => once(socket, 'connect')));
    const headers = { 'content-type': JSON_TYPE, connection: 'close' };
    expect((await post('{}', headers)).status).toBe(200);
    // None of them was sent away for it.
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(sockets.filter((socket) => socket.readableEnded || socket.destroyed)).toEqual([]);
    for (const socket of sockets) socket.destroy();
  });
});
