import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { getRequestListener } from '@hono/node-server';
import { InvalidRequest, ListenError } from './errors.ts';
import { problemResponse } from './problem.ts';

/** Milliseconds that downloads under way are given to finish when the server closes. */
const drainTime = 10_000;

/** A listening API. */
export interface RunningApi {
  /** Such as `http://127.0.0.1:8080`; with the port in use, where 0 was asked for. */
  url: string;
  /**
   * Takes no new requests, lets those under way finish for at most ten seconds, and then ends
   * them. Resolves when all connections are closed.
   */
  close(): Promise<void>;
}

/**
 * Serves an application on a socket.
 *
 * @param options.port 0 for any free port
 * @throws ListenError the port or the address cannot be had; says which and what to do
 */
export async function startApi(options: {
  app: { fetch: (request: Request) => Response | Promise<Response> };
  host: string;
  port: number;
}): Promise<RunningApi> {
  const { app, host, port } = options;
  const listener = getRequestListener((request) => app.fetch(request), {
    // Leaves the global Request and Response of this process as Node made them.
    overrideGlobalObjects: false,
    errorHandler: () =>
      problemResponse(new InvalidRequest('The request line or the Host header is invalid.'), ''),
  });
  const server = createServer((incoming, outgoing) => {
    // The listener answers its own errors.
    void listener(incoming, outgoing);
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', (cause: NodeJS.ErrnoException) => reject(listenError(cause, host, port)));
    server.listen(port, host, resolve);
  });
  const address = server.address() as AddressInfo;
  const name = address.family === 'IPv6' ? `[${address.address}]` : address.address;

  return {
    url: `http://${name}:${address.port}`,
    close: () =>
      new Promise((resolve, reject) => {
        const timer = setTimeout(() => server.closeAllConnections(), drainTime);
        server.close((error) => {
          clearTimeout(timer);
          if (error) reject(error);
          else resolve();
        });
        server.closeIdleConnections();
      }),
  };
}

function listenError(cause: NodeJS.ErrnoException, host: string, port: number): Error {
  if (cause.code === 'EADDRINUSE') {
    return new ListenError(
      'port_in_use',
      `Port ${port} on ${host} is in use. Stop what listens there, or set FAILTRACE_API_PORT to another port.`,
      { cause },
    );
  }
  return new ListenError(
    'address_not_available',
    `The API cannot listen on ${host}, port ${port} (${cause.code}). Set FAILTRACE_HOST to an address of this machine, and FAILTRACE_API_PORT to a port that this user may open.`,
    { cause },
  );
}
