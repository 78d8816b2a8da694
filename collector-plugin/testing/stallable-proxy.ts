import { connect, createServer, type AddressInfo, type Socket } from 'node:net';

/** A TCP connection to a server that can be made to hang, as a server or a network does that is stuck. */
export interface StallableProxy {
  /** Its own address, without a login. */
  url: string;
  /** The same URL as was given, login and path included, but through this connection. */
  through: string;
  /** From now on nothing that is sent gets through; connections are still accepted. */
  stall(): void;
  /** What was held back goes through, and all that follows. */
  resume(): void;
  close(): Promise<void>;
}

/** @param ownPort where it listens; 0 for any free port */
export async function startStallableProxy(target: string, ownPort = 0): Promise<StallableProxy> {
  const { hostname, port } = new URL(target);
  const clients = new Set<Socket>();
  let stalled = false;
  const server = createServer({ pauseOnConnect: true }, (client) => {
    const upstream = connect(Number(port), hostname);
    clients.add(client);
    client.on('error', () => upstream.destroy()).on('close', () => clients.delete(client));
    upstream.on('error', () => client.destroy());
    upstream.on('data', (chunk) => void client.write(chunk)).on('end', () => client.end());
    client.on('data', (chunk) => void upstream.write(chunk)).on('end', () => upstream.end());
    if (stalled) client.pause();
    else client.resume();
  });
  await new Promise<void>((resolve) => server.listen(ownPort, '127.0.0.1', resolve));
  const { port: listening } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${listening}`,
    through: Object.assign(new URL(target), { port: String(listening) }).href,
    stall() {
      stalled = true;
      for (const client of clients) client.pause();
    },
    resume() {
      stalled = false;
      for (const client of clients) client.resume();
    },
    close() {
      for (const client of clients) client.destroy();
      return new Promise((resolve) => void server.close(() => resolve()));
    },
  };
}
