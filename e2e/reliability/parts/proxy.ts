import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { portOf } from '../../collector/free-ports.ts';

/**
 * What a network does:
 *
 * - `pass`: all that is sent arrives
 * - `cut`: connections break, and new ones are not made
 * - `hang`: connections stay and are made, and nothing that is sent arrives: they are half open
 * - `cut answers`: requests arrive; of the answer the first half of what comes first does, then it breaks
 * - `slow`: 20 KB/s in each direction
 */
export type Weather = 'pass' | 'cut' | 'hang' | 'cut answers' | 'slow';

/** A TCP connection that can be made to fail as a network fails. */
export interface Proxy {
  /** The URL that was given, login and path included, but through this connection. */
  through: string;
  set(weather: Weather): void;
  close(): Promise<void>;
}

const SLOW_CHUNK_BYTES = 2_000;
const SLOW_PAUSE_MS = 100;

/** Starts a connection to where a URL leads. */
export async function startProxy(target: string): Promise<Proxy> {
  const { hostname, port } = new URL(target);
  const sockets = new Set<Socket>();
  let weather: Weather = 'pass';
  let changed = Promise.withResolvers<void>();

  const server = createServer({ pauseOnConnect: true }, (client) => {
    if (weather === 'cut') client.resetAndDestroy();
    else join(client);
  });

  function join(client: Socket): void {
    const upstream = connect(Number(port), hostname);
    const breakBoth = () => {
      client.destroy();
      upstream.destroy();
    };
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.on('error', breakBoth).on('close', () => sockets.delete(socket));
    }
    void carry(client, upstream, 'request').then(breakBoth, breakBoth);
    void carry(upstream, client, 'answer').then(breakBoth, breakBoth);
  }

  /** Waits while nothing arrives. */
  async function passable(): Promise<Weather> {
    for (;;) {
      if (weather !== 'hang') return weather;
      await changed.promise;
    }
  }

  async function carry(from: Socket, to: Socket, what: 'request' | 'answer'): Promise<void> {
    for await (const chunk of from as AsyncIterable<Buffer>) {
      const now = await passable();
      if (now === 'cut answers' && what === 'answer') {
        to.write(chunk.subarray(0, Math.ceil(chunk.length / 2)), () => to.resetAndDestroy());
        return;
      }
      if (now === 'slow') await writeSlowly(to, chunk);
      else await write(to, chunk);
    }
    to.end();
    // The other direction may go on: who has sent all still waits for the answer.
    await once(to, 'close');
  }

  async function writeSlowly(to: Socket, chunk: Buffer): Promise<void> {
    for (let at = 0; at < chunk.length; at += SLOW_CHUNK_BYTES) {
      await write(to, chunk.subarray(at, at + SLOW_CHUNK_BYTES));
      await sleep(SLOW_PAUSE_MS);
    }
  }

  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    through: Object.assign(new URL(target), { port: String(portOf(server)) }).href,
    set(next) {
      weather = next;
      changed.resolve();
      changed = Promise.withResolvers();
      if (next === 'cut') for (const socket of sockets) socket.resetAndDestroy();
    },
    async close() {
      changed.resolve();
      for (const socket of sockets) socket.destroy();
      await new Promise<void>((resolve) => void server.close(() => resolve()));
    },
  };
}

async function write(to: Socket, chunk: Buffer): Promise<void> {
  if (!to.write(chunk)) await Promise.race([once(to, 'drain'), once(to, 'close')]);
}
