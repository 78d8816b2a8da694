import { createServer, type ServerOptions } from 'node:http';
import { CONNECTION_LIMITS, listen, type Listening } from '@failtrace/contract/server';
import { getRequestListener } from '@hono/node-server';
import type { Hono } from 'hono';
import { assertPermissions } from './authorise/permission.ts';
import { InvalidRequest } from './errors.ts';
import { problemResponse } from './problem.ts';

/** Milliseconds that downloads under way are given to finish when the server closes. */
const DRAIN_MS = 10_000;

/**
 * What a connection may take before anybody knows who is there. Who is too slow gets 408, a head that
 * is too large 431. A download takes as long as its reader likes.
 */
export const SERVER_LIMITS = {
  ...CONNECTION_LIMITS,
  /** Milliseconds for the whole request with its body, of which the API takes 256 KiB at most. */
  requestTimeout: 30_000,
  /** Bytes of the request line and all headers: a cursor, a token, and what browsers add. */
  maxHeaderSize: 16_384,
} as const satisfies ServerOptions;

/** Many that do nothing must not keep others out: see `watchConnections`. */
const MAX_CONNECTIONS = 10_000;

/** After so many requests a connection is closed, so that load can move to another server. */
const MAX_REQUESTS_PER_SOCKET = 1_000;

/** A listening API. */
export type RunningApi = Listening;

/**
 * Serves an application on a socket, with all routes that were added to it until now.
 *
 * @param options.port 0 for any free port
 * @param options.limits instead of {@link SERVER_LIMITS}
 * @throws Error a route under `/api/` demands no permission; see {@link assertPermissions}
 * @throws ListenError the port or the address cannot be had; says which and what to do
 */
export async function startApi(options: {
  // What variables and routes the application knows does not matter here.
  // oxlint-disable-next-line typescript/no-explicit-any
  app: Pick<Hono<any, any, any>, 'fetch' | 'routes'>;
  host: string;
  port: number;
  limits?: ServerOptions;
}): Promise<RunningApi> {
  const { app, host, port, limits = SERVER_LIMITS } = options;
  assertPermissions(app);
  const listener = getRequestListener((request) => app.fetch(request), {
    // Leaves the global Request and Response of this process as Node made them.
    overrideGlobalObjects: false,
    errorHandler: () =>
      problemResponse(new InvalidRequest('The request line or the Host header is invalid.'), ''),
  });
  const server = createServer(limits, (incoming, outgoing) => {
    // The listener answers its own errors.
    void listener(incoming, outgoing);
  });
  server.maxConnections = MAX_CONNECTIONS;
  server.maxRequestsPerSocket = MAX_REQUESTS_PER_SOCKET;
  return listen(server, { host, port, portSetting: 'FAILTRACE_API_PORT', drainMs: DRAIN_MS });
}
