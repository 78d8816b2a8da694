import { readFileSync } from 'node:fs';
import { connect, constants } from 'node:http2';
import { gzipSync } from 'node:zlib';
import {
  Client,
  credentials,
  Metadata,
  type ClientOptions,
  type ServiceError,
} from '@grpc/grpc-js';
import type { Listening } from '@failtrace/contract/server';
import { hash } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { attributeNames, DEFAULT_RUN_ID_ATTRIBUTES } from '../../decode/attribute-names.ts';
import { OverloadedError, ReceiveError, StorageUnavailableError } from '../../errors.ts';
import type { Extracted } from '../../extract/failure.ts';
import { spanMatters } from '../../extract/span-rule.ts';
import { createIngest } from '../../ingest/ingest.ts';
import { budgetOf, createSharedBudget } from '../../worker/buffer-budget.ts';
import { createBodyProcessor } from '../../worker/process-body.ts';
import type { OtlpAuth } from '../admission.ts';
import { DEFAULT_PACE } from '../read-body.ts';
import { createBodyTaker } from '../take-body.ts';
import { createGrpcReceiver } from './grpc-receiver.ts';
import { listenGrpc } from './listen-grpc.ts';

const MAX_BODY_BYTES = 100_000;
const MAX_BUFFERED_BYTES = 3 * MAX_BODY_BYTES;
const testdata = (name: string) =>
  readFileSync(new URL(`../../../testdata/${name}`, import.meta.url));
const oneException = testdata('js-sdk-0.301-one-exception.bin');
const TRACES = '/opentelemetry.proto.collector.trace.v1.TraceService/Export';
const LOGS = '/opentelemetry.proto.collector.logs.v1.LogsService/Export';
const METRICS = '/opentelemetry.proto.collector.metrics.v1.MetricsService/Export';
const HEALTH = '/grpc.health.v1.Health/Check';

let written: Extracted[];
let write: (extracted: Extracted) => Promise<void>;
let refusal: ReceiveError | undefined;
let freeBytes: () => number;
let receiver: Listening;
let clients: Client[];
let warned: object[];

async function start(auth: OtlpAuth = { mode: 'none' }, pace = DEFAULT_PACE): Promise<void> {
  const budget = createSharedBudget(MAX_BUFFERED_BYTES);
  const processBody = createBodyProcessor({
    ingest: createIngest({ write: (extracted) => write(extracted) }),
    decodeOptions: { runIdNames: attributeNames(DEFAULT_RUN_ID_ATTRIBUTES), keep: spanMatters },
    maxBodyBytes: MAX_BODY_BYTES,
    budget: budgetOf(budget, 0),
    isStoreFull: () => false,
  });
  const logger = { info() {}, warn: (told: object) => void warned.push(told), error() {} };
  const transport = budgetOf(budget, 'transport');
  freeBytes = () => transport.freeBytes();
  const server = createGrpcReceiver({
    take: createBodyTaker(processBody, logger).take,
    refusal: () => refusal,
    auth,
    maxBodyBytes: MAX_BODY_BYTES,
    budget: transport,
    logger,
    pace,
  });
  receiver = await listenGrpc(server, {
    host: '127.0.0.1',
    port: 0,
    portSetting: 'FAILTRACE_OTLP_GRPC_PORT',
    drainMs: 1_000,
  });
}

beforeEach(() => {
  written = [];
  clients = [];
  warned = [];
  refusal = undefined;
  write = async (extracted) => void written.push(extracted);
});
afterEach(async () => {
  for (const client of clients) client.close();
  await receiver.close();
});

interface Answer {
  message?: Buffer;
  error?: ServiceError;
}

/** Calls a method by the client that the exporters of Node use. */
function call(
  path: string,
  message: Buffer,
  {
    metadata = {},
    options = {},
  }: { metadata?: Record<string, string>; options?: ClientOptions } = {},
): Promise<Answer> {
  const client = new Client(`127.0.0.1:${receiver.port}`, credentials.createInsecure(), options);
  clients.push(client);
  const sent = new Metadata();
  for (const [name, value] of Object.entries(metadata)) sent.set(name, value);
  const same = (bytes: Buffer) => bytes;
  return new Promise((resolve) => {
    client.makeUnaryRequest(path, same, same, message, sent, (error, answer) =>
      resolve({ ...(error && { error }), ...(answer && { message: answer }) }),
    );
  });
}

const GZIP = { 'grpc.default_compression_algorithm': 2 };
const failed = async (...args: Parameters<typeof call>) => (await call(...args)).error;

describe('the gRPC receiver', () => {
  it.each([{}, GZIP])(
    'stores what it takes, packed or not (%j), before it answers',
    async (options) => {
      await start();
      expect(await call(TRACES, oneException, { options })).toEqual({ message: Buffer.alloc(0) });
      const logs = testdata('logs/python-sdk-1.45-logging.logs.bin');
      expect(await call(LOGS, logs, { options })).toEqual({ message: Buffer.alloc(0) });
      expect(await call(METRICS, Buffer.from([10, 0]), { options })).toEqual({
        message: Buffer.alloc(0),
      });
      expect(written.map(({ failures }) => failures.length)).toEqual([1, 2]);
      expect(freeBytes()).toBe(MAX_BUFFERED_BYTES);
    },
  );

  it('tells in partial_success what it could not keep', async () => {
    await start();
    const { message } = await call(
      TRACES,
      Buffer.concat([
        Buffer.from([0x0a, 0x15, 0x12, 0x13, 0x12, 0x11, 0x0a, 0x02, 1, 1, 0x5a, 0x0b, 0x12, 0x09]),
        Buffer.from('exception'),
      ]),
    );
    expect(String(message)).toContain('1 spans were rejected: a trace id is 16 bytes');
  });

  it.each([
    ['no message of OTLP', TRACES, Buffer.alloc(50, 0xff), {}, 3],
    ['a body that is too long', TRACES, Buffer.alloc(MAX_BODY_BYTES + 1), {}, 3],
    ['a body that unpacks to too much', TRACES, Buffer.alloc(50 * 2 ** 20), GZIP, 3],
    ['another method', '/a.b/C', oneException, {}, 12],
  ])('refuses %s for good', async (_, path, body, options, code) => {
    await start();
    const error = await failed(path, body, { options });
    expect(error).toMatchObject({ code });
    expect(error?.metadata.get('grpc-status-details-bin')).toEqual([]);
    const isTooLong = error?.details.startsWith('The body is longer');
    expect(warned).toMatchObject(isTooLong ? [{ remoteAddress: '127.0.0.1' }] : []);
    expect(written).toEqual([]);
    expect(freeBytes()).toBe(MAX_BUFFERED_BYTES);
  });

  it.each([
    ['ClickHouse is away', new StorageUnavailableError('ClickHouse is away.'), 14, 5],
    ['too much is under way', new OverloadedError('Too much.'), 8, 5],
    ['something is wrong', new TypeError('secret'), 14, 30],
  ])('says when to try again where %s', async (_, thrown, code, seconds) => {
    await start();
    write = () => Promise.reject(thrown);
    const error = await failed(TRACES, oneException);
    expect(error).toMatchObject({ code, details: expect.not.stringContaining('secret') });
    const [details] = error?.metadata.get('grpc-status-details-bin') ?? [];
    const bytes = details as Buffer;
    expect(bytes.includes('type.googleapis.com/google.rpc.RetryInfo')).toBe(true);
    // RetryInfo.retry_delay, a Duration, and its seconds.
    expect([...bytes.subarray(-4)]).toEqual([0x0a, 2, 0x08, seconds]);
  });

  it('takes nothing, and says when to try again, while nothing can be stored', async () => {
    await start();
    refusal = new ReceiveError('not_ready', 'failtrace is starting: 100 %, «soon».');
    const error = await failed(TRACES, oneException);
    expect(error).toMatchObject({ code: 14, details: 'failtrace is starting: 100 %, «soon».' });
    expect(await call(HEALTH, Buffer.alloc(0))).toEqual({ message: Buffer.from([8, 2]) });
    refusal = undefined;
    expect(await call(HEALTH, Buffer.alloc(0))).toEqual({ message: Buffer.from([8, 1]) });
  });

  it('wants the sender’s key, which says the namespace', async () => {
    const sha256 = hash('sha256', 'ft_secret', 'hex');
    await start({ mode: 'api-key', keys: [{ name: 'a', sha256, namespace: 'pinned' }] });
    expect(await failed(TRACES, oneException)).toMatchObject({ code: 16 });
    const wrong = { authorization: 'Bearer ft_other' };
    expect(await failed(TRACES, oneException, { metadata: wrong })).toMatchObject({ code: 16 });
    const metadata = { authorization: 'Bearer ft_secret' };
    expect((await call(TRACES, oneException, { metadata })).error).toBe(undefined);
    expect(written.map(({ failures }) => String(failures[0]?.namespace))).toEqual(['pinned']);
  });

  it('answers what is under way when it is closed, and takes nothing more', async () => {
    await start();
    const stored = Promise.withResolvers<void>();
    const began = Promise.withResolvers<void>();
    write = () => {
      began.resolve();
      return stored.promise;
    };
    const answer = call(TRACES, oneException);
    await began.promise;
    const closed = receiver.close();
    const late = await failed(TRACES, oneException);
    expect(late).toMatchObject({ code: 14 });
    stored.resolve();
    expect((await answer).error).toBe(undefined);
    await closed;
  });

  /** Sends bytes as the body of a request, without a client that knows how. */
  async function raw(body: Buffer, headers: Record<string, string> = {}, end = true) {
    const session = connect(`http://127.0.0.1:${receiver.port}`);
    const stream = session.request({
      ':method': 'POST',
      ':path': TRACES,
      'content-type': 'application/grpc',
      ...headers,
    });
    stream.on('error', () => undefined);
    const got = new Promise<Record<string, unknown>>((resolve) => {
      stream.once('response', (answer) => resolve(answer));
    });
    if (end) stream.end(body);
    else stream.write(body);
    const answer = await got;
    session.destroy();
    return [answer[':status'], answer['grpc-status']];
  }
  const prefixed = (flag: number, length: number, message: Buffer) => {
    const prefix = Buffer.from([flag, 0, 0, 0, 0]);
    prefix.writeUInt32BE(length, 1);
    return Buffer.concat([prefix, message]);
  };

  it.each([
    ['nothing', Buffer.alloc(0)],
    ['half of a prefix', Buffer.from([0, 0])],
    ['a length that is not its own', prefixed(0, 5, Buffer.alloc(9))],
    [
      'more than one message',
      Buffer.concat([prefixed(0, 0, Buffer.alloc(0)), prefixed(0, 0, Buffer.alloc(0))]),
    ],
    ['another flag', prefixed(7, oneException.length, oneException)],
    ['what is not packed and says it is', prefixed(1, oneException.length, oneException)],
  ])('refuses %s as malformed', async (_, body) => {
    await start();
    expect(await raw(body, { 'grpc-encoding': 'gzip' })).toEqual([200, '3']);
  });

  it('refuses other packings, and what is not gRPC', async () => {
    await start();
    const body = prefixed(1, 9, gzipSync(Buffer.alloc(9)));
    expect(await raw(body, { 'grpc-encoding': 'snappy' })).toEqual([200, '3']);
    expect(await raw(body, { 'content-type': 'application/json' })).toEqual([415, undefined]);
  });

  it('waits for no body that comes too slowly, and for none that a browser sends', async () => {
    await start({ mode: 'none' }, { graceMs: 300, bytesPerSecond: 10_000 });
    expect(await raw(Buffer.from([0]), {}, false)).toEqual([200, '14']);
    expect(await raw(oneException, { origin: 'https://evil.example' })).toEqual([200, '7']);
    expect(freeBytes()).toBe(MAX_BUFFERED_BYTES);
  });

  it('gives back what a sender held that went away', async () => {
    await start();
    const session = connect(`http://127.0.0.1:${receiver.port}`);
    const stream = session.request({
      ':method': 'POST',
      ':path': TRACES,
      'content-type': 'application/grpc',
    });
    stream.on('error', () => undefined);
    stream.write(Buffer.alloc(20_000));
    await expect.poll(() => freeBytes()).toBeLessThan(MAX_BUFFERED_BYTES - 20_000);
    stream.close(constants.NGHTTP2_CANCEL);
    await expect.poll(() => freeBytes()).toBe(MAX_BUFFERED_BYTES);
    session.destroy();
  });
});
