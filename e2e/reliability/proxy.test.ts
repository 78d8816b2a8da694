import { createServer } from 'node:http';
import { expect, it, onTestFinished } from 'vitest';
import { portOf } from '../collector/free-ports.ts';
import { startProxy, type Proxy } from './parts/proxy.ts';

const TEXT = 'x'.repeat(200_000);

/** A server that answers with a text, and a connection to it. */
async function start(): Promise<{ proxy: Proxy; ask: (ms?: number) => Promise<string> }> {
  const server = createServer((_request, response) => response.end(TEXT));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const proxy = await startProxy(`http://127.0.0.1:${portOf(server)}`);
  onTestFinished(async () => {
    await proxy.close();
    server.closeAllConnections();
    server.close();
  });
  const ask = (ms = 30_000) =>
    fetch(proxy.through, { signal: AbortSignal.timeout(ms) }).then((response) => response.text());
  return { proxy, ask };
}

it('lets everything through', async () => {
  const { ask } = await start();
  expect(await ask()).toBe(TEXT);
});

it('refuses and breaks connections, until it lets them through again', async () => {
  const { proxy, ask } = await start();
  proxy.set('cut');
  await expect(ask()).rejects.toThrow('fetch failed');
  proxy.set('pass');
  expect(await ask()).toBe(TEXT);
});

it('holds back what is sent, and gives it on afterwards', async () => {
  const { proxy, ask } = await start();
  proxy.set('hang');
  await expect(ask(500)).rejects.toThrow('timeout');
  const asked = ask();
  proxy.set('pass');
  expect(await asked).toBe(TEXT);
});

it('breaks answers off in their middle', async () => {
  const { proxy, ask } = await start();
  proxy.set('cut answers');
  await expect(ask()).rejects.toThrow(/terminated|fetch failed/);
  proxy.set('pass');
  expect(await ask()).toBe(TEXT);
});
