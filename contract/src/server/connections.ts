import type { Server, ServerOptions, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

/**
 * How long connections may wait, in milliseconds. An idle one stays for longer than the 60 s after which
 * usual balancers give theirs up: were it shorter, a request could cross with our end of its connection.
 */
export const CONNECTION_LIMITS = {
  /** For the request line and all headers, from the connection's first moment on. */
  headersTimeout: 10_000,
  /** For the next request on a connection that has had one. */
  keepAliveTimeout: 75_000,
  /** Between the looks at the limits of requests. */
  connectionsCheckingInterval: 2_000,
} as const satisfies ServerOptions;

/** So often, in milliseconds, connections that have become idle are closed while a server closes. */
const IDLE_CHECK_MS = 50;
/** From this share of `maxConnections` on, those with nothing to do make room for others. */
const CROWDED = 0.9;
/** So often at most, in milliseconds, room is made: it looks at every connection. */
const ROOM_EVERY_MS = 250;
/** A connection that has sent nothing for so long, in milliseconds, has to make room. */
const SILENT_MS = 1_000;

/** The connections of a server. */
export interface Connections {
  /**
   * Takes no more connections. From now on every answer says `Connection: close`: senders that keep
   * their connection would otherwise go on for ever. What is under way after `drainMs` is ended.
   * Resolves when all connections are closed.
   */
  close(drainMs: number): Promise<void>;
}

/** Watches over the connections of a server; call it when the server has its own listeners. */
export function watchConnections(server: Server): Connections {
  const acceptedAt = new Map<Socket, number>();
  const answers = new Set<ServerResponse>();
  let closing = false;
  let roomMadeAt = -Infinity;

  function endSilent(before: number): void {
    for (const [socket, at] of acceptedAt) {
      if (socket.bytesRead === 0 && at < before) socket.destroy();
    }
  }

  function makeRoom(): void {
    const now = performance.now();
    if (now - roomMadeAt < ROOM_EVERY_MS) return;
    roomMadeAt = now;
    server.closeIdleConnections();
    endSilent(now - SILENT_MS);
  }

  server.on('connection', (socket: Socket) => {
    acceptedAt.set(socket, performance.now());
    socket.once('close', () => acceptedAt.delete(socket));
    if (acceptedAt.size > server.maxConnections * CROWDED) makeRoom();
  });
  server.on('drop', makeRoom);

  const onRequest = (_: unknown, response: ServerResponse) => {
    if (closing) return sayLast(response);
    answers.add(response);
    response.once('close', () => answers.delete(response));
  };
  server.prependListener('request', onRequest);
  // A first listener for it would change what Node does.
  if (server.listenerCount('checkContinue') > 0) server.prependListener('checkContinue', onRequest);

  return {
    close: (drainMs) =>
      new Promise((resolve, reject) => {
        closing = true;
        for (const response of answers) sayLast(response);
        const closedAt = performance.now();
        // Node keeps a connection open whose headers were sent before, and one that has sent nothing.
        const idle = setInterval(() => {
          server.closeIdleConnections();
          endSilent(closedAt);
        }, IDLE_CHECK_MS);
        const timer = setTimeout(() => server.closeAllConnections(), drainMs);
        server.close((error) => {
          clearInterval(idle);
          clearTimeout(timer);
          if (error) reject(error);
          else resolve();
        });
      }),
  };
}

function sayLast(response: ServerResponse): void {
  if (!response.headersSent) response.setHeader('connection', 'close');
}
