import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer, request, type Agent, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createLargeReadsAgent, requireOwnMemory } from './large-reads.ts';

const bodies = [randomBytes(5_000_000), randomBytes(5_000_000)];
const server = createServer((incoming, response) => {
  const body = bodies[Number(incoming.url?.slice(1, 2))] ?? '';
  // Without a length it is sent in chunks, as ClickHouse sends it.
  response.write(body, () => {
    if (incoming.url === '/0?broken') response.destroy();
    else response.end();
  });
});
const agent: Agent = createLargeReadsAgent(4);

beforeAll(() => new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve)));
afterAll(() => {
  agent.destroy();
  server.close();
});

async function ask(path: string): Promise<IncomingMessage> {
  const { port } = server.address() as AddressInfo;
  const sent = request({ host: '127.0.0.1', port, path, agent });
  sent.end();
  const [response] = (await once(sent, 'response')) as [IncomingMessage];
  return response;
}

describe('the agent of large reads', () => {
  it('gives each of several connections its own bytes', async () => {
    const asked = await Promise.all(['/0', '/1', '/0', '/1'].map(ask));
    const received = await Promise.all(asked.map((response) => buffer(response)));
    expect(received.map((body, index) => body.equals(bodies[index % 2] ?? body))).toEqual([
      true,
      true,
      true,
      true,
    ]);
  });

  it('takes more than 64 KiB at once, which the parser copies', async () => {
    const sizes: number[] = [];
    for await (const piece of await ask('/0')) {
      sizes.push(requireOwnMemory(piece as Buffer).length);
    }
    expect(Math.max(...sizes)).toBeGreaterThan(65_536);
  });

  it('stops to read when nobody takes it, and goes on', async () => {
    const response = await ask('/0');
    await once(response, 'readable');
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(response.readableLength).toBeLessThan(1_000_000);
    expect((await buffer(response)).length).toBe(5_000_000);
  });

  it('uses a connection again', async () => {
    const first = await ask('/0');
    const { socket } = first;
    await buffer(first);
    await new Promise((resolve) => setImmediate(resolve));
    const second = await ask('/1');
    expect(second.socket).toBe(socket);
    expect((await buffer(second)).equals(bodies[1] ?? Buffer.alloc(0))).toBe(true);
  });

  it('ends a body with an error when the connection breaks', async () => {
    const length = ask('/0?broken').then(async (response) => (await buffer(response)).length);
    await expect(length).rejects.toThrow('aborted');
  });
});

describe('requireOwnMemory', () => {
  it('refuses what the next read goes over', async () => {
    const { port } = server.address() as AddressInfo;
    const one = createLargeReadsAgent(1);
    const socket = one.createConnection({ host: '127.0.0.1', port });
    socket?.write('GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n');
    const [read] = (await once(socket as NodeJS.EventEmitter, 'data')) as [Buffer];
    expect(() => requireOwnMemory(read)).toThrow('does not copy');
    expect(requireOwnMemory(Buffer.from(read)).toString()).toContain('200 OK');
    socket?.destroy();
  });
});
