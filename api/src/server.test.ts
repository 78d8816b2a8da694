import { createServer } from 'node:http';
import { connect } from 'node:net';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { ListenError } from '@failtrace/contract/server';
import { Hono } from 'hono';
import { describe, expect, it } from 'vitest';
import { createApp } from './app.ts';
import { loopbackGuard } from './authorise/loopback.ts';
import { createReadClient } from './clickhouse-client.ts';
import { createReader } from './read/reader.ts';
import { SERVER_LIMITS, startApi } from './server.ts';

const app = new Hono().get('/', (c) => c.text('hello'));

describe('startApi', () => {
  it('serves on any free port, and says which', async () => {
    const api = await startApi({ app, host: '127.0.0.1', port: 0 });
    expect(api.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
    expect(await (await fetch(api.url)).text()).toBe('hello');
    await api.close();
    await expect(fetch(api.url)).rejects.toThrow('fetch failed');
  });

  it('says so when the port is in use', async () => {
    const other = createServer();
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
    const { port } = other.address() as AddressInfo;
    const error: unknown = await startApi({ app, host: '127.0.0.1', port }).catch(
      (e: unknown) => e,
    );
    other.close();
    expect(error).toBeInstanceOf(ListenError);
    expect(error).toMatchObject({
      code: 'port_in_use',
      message: `Port ${port} on 127.0.0.1 is in use. Stop what listens there, or set FAILTRACE_API_PORT to another port.`,
    });
  });

  it('says so when the address is not of this machine', async () => {
    await expect(startApi({ app, host: '192.0.2.1', port: 0 })).rejects.toMatchObject({
      code: 'address_not_available',
    });
  });

  it('does not serve a route under /api/ that was added without a permission', async () => {
    // Nothing listens there, and nothing is asked of it.
    const client = createReadClient({
      url: 'http://127.0.0.1:1',
      username: 'default',
      password: '',
      database: 'failtrace',
    });
    const host = createApp({ reader: createReader(client), guard: loopbackGuard });
    host.get('/', (c) => c.text('a page'));
    const api = await startApi({ app: host, host: '127.0.0.1', port: 0 });
    await api.close();
    host.route(
      '/',
      new Hono().get('/api/open', (c) => c.text('open')),
    );
    await expect(startApi({ app: host, host: '127.0.0.1', port: 0 })).rejects.toThrow(
      'The route GET /api/open demands no permission.',
    );
    await client.close();
  });

  it('lets a request that is under way finish when it closes', async () => {
    const slow = new Hono().get('/', (c) => sleep(200).then(() => c.text('late')));
    const api = await startApi({ app: slow, host: '127.0.0.1', port: 0 });
    const response = fetch(api.url);
    await sleep(50);
    const closed = api.close();
    expect(await (await response).text()).toBe('late');
    await closed;
  });

  it.each(['GET /a\\b HTTP/1.1\r\nHost: x', 'GET / HTTP/1.1\r\nHost: a b'])(
    'answers a problem to %j',
    async (head) => {
      const api = await startApi({ app, host: '127.0.0.1', port: 0 });
      const socket = connect(Number(new URL(api.url).port), '127.0.0.1');
      socket.write(`${head}\r\nConnection: close\r\n\r\n`);
      const answer = await text(socket);
      await api.close();
      expect(answer).toMatch(/^HTTP\/1\.1 400 Bad Request\r\n/);
      expect(answer).toContain('"code":"invalid_request"');
    },
  );

  describe('with a client that takes its time', () => {
    const quick = { requestTimeout: 300, headersTimeout: 200, connectionsCheckingInterval: 50 };
    const reading = new Hono().post('/', async (c) => c.text(await c.req.text()));

    async function answerTo(sent: string, limits: object): Promise<string> {
      const api = await startApi({ app: reading, host: '127.0.0.1', port: 0, limits });
      const socket = connect(api.port, '127.0.0.1');
      socket.write(sent);
      const answer = await text(socket);
      await api.close();
      return answer;
    }

    it.each([
      ['a body', 'POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\n12345'],
      ['the headers', 'GET / HTTP/1.1\r\nHost: x\r\nX-'],
    ])('gives up on %s', async (_, sent) => {
      const answer = await answerTo(sent, { ...SERVER_LIMITS, ...quick });
      expect(answer).toMatch(/^HTTP\/1\.1 408 Request Timeout\r\n/);
    });

    it('refuses headers without end', async () => {
      const head = `GET / HTTP/1.1\r\nHost: x\r\nX-Long: ${'x'.repeat(SERVER_LIMITS.maxHeaderSize)}`;
      expect(await answerTo(head, SERVER_LIMITS)).toMatch(/^HTTP\/1\.1 431 /);
    });

    it('waits no longer than half a minute by default', () => {
      const { headersTimeout, requestTimeout, connectionsCheckingInterval } = SERVER_LIMITS;
      expect(headersTimeout).toBeLessThanOrEqual(10_000);
      expect(requestTimeout).toBeLessThanOrEqual(30_000);
      expect(connectionsCheckingInterval).toBeLessThan(headersTimeout);
    });
  });
});
