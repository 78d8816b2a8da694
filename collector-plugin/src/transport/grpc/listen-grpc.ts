import type { Http2Server, ServerHttp2Session } from 'node:http2';
import { bind, type Listening, type ListenOptions } from '@failtrace/contract/server';

/**
 * Starts listening as {@link listen} does. At `close` senders are told to go (GOAWAY), which they do when what
 * they have under way is answered.
 *
 * @throws ListenError
 */
export async function listenGrpc(server: Http2Server, options: ListenOptions): Promise<Listening> {
  const sessions = new Set<ServerHttp2Session>();
  server.on('session', (session) => {
    sessions.add(session);
    session.once('close', () => sessions.delete(session));
  });
  const address = await bind(server, options);
  let closed: Promise<void> | undefined;
  return { ...address, close: () => (closed ??= close(server, sessions, options.drainMs)) };
}

function close(
  server: Http2Server,
  sessions: ReadonlySet<ServerHttp2Session>,
  drainMs: number,
): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => {
      for (const session of sessions) session.destroy();
    }, drainMs);
    server.close(() => {
      clearTimeout(timer);
      resolve();
    });
    for (const session of sessions) session.close();
  });
}
