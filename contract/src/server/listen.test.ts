import { Agent, createServer, get, type IncomingMessage } from 'node:http';
import { once } from 'node:events';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { describe, expect, it, onTestFinished } from 'vitest';
import { listen } from './listen.ts';

const options = { host: '127.0.0.1', port: 0, portSetting: 'FAILTRACE_X_PORT', drainMs: 300 };

async function ask(url: string, agent: Agent): Promise<string> {
  const answered = Promise.withResolvers<IncomingMessage>();
  get(url, { agent }, answered.resolve).on('error', answered.reject);
  return text(await answered.promise);
}

describe('listen', () => {
  it('tells where it listens, and lets a request under way finish', async () => {
    const release = Promise.withResolvers<void>();
    const server = createServer((_, response) => {
      void release.promise.then(() => response.end('whole'));
    });
    const listening = await listen(server, options);
    expect(listening.url).toBe(`http://127.0.0.1:${listening.port}`);
    const answer = fetch(listening.url);
    await new Promise((seen) => server.once('request', seen));
    const closed = listening.close();
    release.resolve();
    expect(await (await answer).text()).toBe('whole');
    await closed;
    await expect(fetch(listening.url)).rejects.toThrow('fetch failed');
  });

  it('does not wait for a connection whose request ends while it closes', async () => {
    const release = Promise.withResolvers<void>();
    const server = createServer({ keepAliveTimeout: 60_000 }, (_, response) => {
      void release.promise.then(() => response.end('whole'));
    });
    const listening = await listen(server, { ...options, drainMs: 60_000 });
    const agent = new Agent({ keepAlive: true });
    onTestFinished(() => agent.destroy());
    const answered = Promise.withResolvers<IncomingMessage>();
    get(listening.url, { agent }, answered.resolve);
    await new Promise((seen) => server.once('request', seen));
    const closed = listening.close();
    release.resolve();
    const answer = await answered.promise;
    expect(answer.headers.connection).toBe('close');
    answer.resume();
    await closed;
  }, 10_000);

  it('does not wait for a connection that has sent nothing', async () => {
    const listening = await listen(createServer(), { ...options, drainMs: 60_000 });
    const socket = connect(listening.port, '127.0.0.1').resume();
    await new Promise((connected) => socket.once('connect', connected));
    const closed = once(socket, 'close');
    await listening.close();
    await closed;
    expect(socket.bytesWritten).toBe(0);
  }, 10_000);

  it.each([
    ['silent', ''],
    ['idle', 'GET / HTTP/1.1\r\nHost: x\r\n\r\n'],
  ])(
    'serves new connections although %s ones are all that it may have',
    async (_, sent) => {
      const limits = { keepAliveTimeout: 60_000, headersTimeout: 60_000 };
      const server = createServer(limits, (_request, response) => response.end('whole'));
      server.maxConnections = 20;
      const listening = await listen(server, options);
      onTestFinished(() => listening.close());
      const sockets = Array.from({ length: 20 }, () => {
        const socket = connect(listening.port, '127.0.0.1').on('error', () => undefined);
        if (sent !== '') socket.write(sent);
        return socket.resume();
      });
      onTestFinished(() => sockets.forEach((socket) => void socket.destroy()));
      await Promise.all(
        sockets.map((socket) => new Promise((done) => socket.once('connect', done))),
      );
      const answer = () => ask(listening.url, new Agent()).catch(() => 'refused');
      await expect.poll(answer, { timeout: 10_000 }).toBe('whole');
    },
    20_000,
  );

  it('ends what takes longer than it may', async () => {
    const server = createServer((_, response) => response.write('half'));
    const listening = await listen(server, options);
    const response = await fetch(listening.url);
    await listening.close();
    await expect(response.text()).rejects.toThrow('terminated');
  });

  it('takes an IPv6 address with or without brackets', async () => {
    const listening = await listen(createServer(), { ...options, host: '[::1]' });
    expect(listening.url).toBe(`http://[::1]:${listening.port}`);
    await listening.close();
  });

  it('names the port that is in use, and its setting', async () => {
    const first = await listen(createServer(), options);
    await expect(listen(createServer(), { ...options, port: first.port })).rejects.toThrow(
      `Port ${first.port} on 127.0.0.1 is in use. Stop what listens there, or set FAILTRACE_X_PORT to another port.`,
    );
    await first.close();
  });

  it('names the settings of an address that is not here', async () => {
    await expect(listen(createServer(), { ...options, host: '192.0.2.1' })).rejects.toMatchObject({
      code: 'address_not_available',
      message: expect.stringMatching(/FAILTRACE_HOST.*FAILTRACE_X_PORT/),
    });
  });
});
