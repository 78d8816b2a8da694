import { once } from 'node:events';
import { request, type IncomingMessage } from 'node:http';
import { createKey, listen, type Listening } from '@failtrace/contract/server';
import { afterEach, describe, expect, it } from 'vitest';
import { budgetOf, createSharedBudget } from '../worker/buffer-budget.ts';
import type { OtlpAuth } from './admission.ts';
import { createHttpReceiver } from './http-receiver.ts';
import type { ReceivedBody } from './take-body.ts';

const shop = createKey('shop');
const anywhere = createKey('anywhere');
const keys: OtlpAuth = {
  mode: 'api-key',
  keys: [{ ...shop.entry, namespace: 'shop' }, anywhere.entry],
};

let receiver: Listening | undefined;
afterEach(() => receiver?.close());

/** Starts a receiver that keeps the bodies which it was handed. */
async function start(auth: OtlpAuth): Promise<ReceivedBody[]> {
  const handed: ReceivedBody[] = [];
  const server = createHttpReceiver({
    take: (body) => {
      handed.push(body);
      return Promise.resolve({ rejected: 0, message: '' });
    },
    auth,
    maxBodyBytes: 20 * 2 ** 20,
    budget: budgetOf(createSharedBudget(64 * 2 ** 20), 'transport'),
    logger: { info() {}, warn() {}, error() {} },
  });
  receiver = await listen(server, {
    host: '127.0.0.1',
    port: 0,
    portSetting: 'FAILTRACE_OTLP_PORT',
    drainMs: 1_000,
  });
  return handed;
}

interface Answer {
  status: number | undefined;
  headers: Record<string, unknown>;
  text: string;
}

/** By `node:http`, since `fetch` does not let anybody choose Host and Origin. */
async function send(
  headers: Record<string, string>,
  { body = '{}', path = '/v1/traces' }: { body?: string | Buffer; path?: string } = {},
): Promise<Answer> {
  const sent = request(`http://127.0.0.1:${receiver?.port}${path}`, {
    method: path === '/v1/traces' ? 'POST' : 'GET',
    headers: { 'content-type': 'application/json', ...headers },
  });
  sent.end(path === '/v1/traces' ? body : undefined);
  const [response] = (await once(sent, 'response')) as [IncomingMessage];
  const text = Buffer.concat(await response.toArray()).toString();
  return { status: response.statusCode, headers: response.headers, text };
}

describe('a loopback receiver without keys', () => {
  it.each([
    ['its address', { host: '127.0.0.1:4318' }],
    ['localhost', { host: 'localhost:4318' }],
    ['localhost in capitals', { host: 'LOCALHOST' }],
    ['IPv6', { host: '[::1]:4318' }],
    ['a page of its own origin that asks nothing of another', { 'sec-fetch-site': 'none' }],
  ])('answers to %s', async (_, headers) => {
    const handed = await start({ mode: 'none' });
    expect((await send(headers)).status).toBe(200);
    expect(handed).toHaveLength(1);
  });

  it.each([
    ['a name that a page gave our address', { host: 'evil.example.org:4318' }],
    ['a name that only begins like ours', { host: 'localhost.example.org' }],
    ['a page', { origin: 'https://evil.example.org' }],
    ['a page without a name', { origin: 'null' }],
    ['a cross-site request', { 'sec-fetch-site': 'cross-site' }],
    ['a request of another port of this machine', { 'sec-fetch-site': 'same-site' }],
  ])('refuses %s', async (_, headers) => {
    const handed = await start({ mode: 'none' });
    const { status, text } = await send(headers);
    expect(status).toBe(403);
    expect(JSON.parse(text)).toMatchObject({ code: 7 });
    expect(handed).toEqual([]);
  });
});

describe('a receiver that the network guards', () => {
  it('has any name, and still answers no page', async () => {
    await start({ mode: 'network' });
    expect((await send({ host: 'receiver:4318' })).status).toBe(200);
    expect((await send({ origin: 'https://evil.example.org' })).status).toBe(403);
  });
});

describe('a receiver with keys', () => {
  it.each([
    ['a bearer token', { authorization: `Bearer ${shop.key}` }, 'shop'],
    ['X-API-Key', { 'x-api-key': shop.key }, 'shop'],
    ['a key without a namespace', { authorization: `Bearer ${anywhere.key}` }, undefined],
    [
      'any name and page',
      { 'x-api-key': shop.key, host: 'x.example', origin: 'https://y' },
      'shop',
    ],
  ])('takes %s, with what the key pins', async (_, headers, namespace) => {
    const handed = await start(keys);
    expect((await send(headers)).status).toBe(200);
    expect(handed).toMatchObject([{ namespace }]);
  });

  it.each([
    ['no key', {}],
    ['another key', { authorization: `Bearer ${createKey('other').key}` }],
    ['the stored hash', { authorization: `Bearer ${shop.entry.sha256}` }],
    ['another scheme', { authorization: `Basic ${shop.key}` }],
  ])('refuses %s', async (_, headers) => {
    const handed = await start(keys);
    const { status, headers: answered, text } = await send(headers);
    expect(status).toBe(401);
    expect(answered['www-authenticate']).toMatch(/^Bearer /);
    expect(JSON.parse(text)).toMatchObject({ code: 16, message: expect.stringContaining('key') });
    expect(handed).toEqual([]);
  });

  it('answers in the encoding of the request, and before it has read the body', async () => {
    await start(keys);
    const sent = request(`http://127.0.0.1:${receiver?.port}/v1/traces`, {
      method: 'POST',
      headers: { 'content-type': 'application/x-protobuf', 'content-length': 10_000_000 },
    });
    // Announced, begun, and never sent to its end.
    sent.on('error', () => undefined).write(Buffer.alloc(100_000));
    const [response] = (await once(sent, 'response')) as [IncomingMessage];
    expect(response.statusCode).toBe(401);
    expect(response.headers).toMatchObject({
      'content-type': 'application/x-protobuf',
      connection: 'close',
    });
    const body = Buffer.concat(await response.toArray());
    expect([...body.subarray(0, 2)]).toEqual([8, 16]);
    sent.destroy();
  });

  it('says how it is to everybody', async () => {
    await start(keys);
    expect((await send({ host: 'probe.example' }, { path: '/healthz' })).status).toBe(200);
  });
});
