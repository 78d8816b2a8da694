import { createServer } from 'node:http';
import { listen, type Listening } from '@failtrace/contract/server';
import { getRequestListener } from '@hono/node-server';
import { InvalidRequest } from './errors.ts';
import { problemResponse } from './problem.ts';

/** Milliseconds that downloads under way are given to finish when the server closes. */
const DRAIN_MS = 10_000;

/** A listening API. */
export type RunningApi = Listening;

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
  return listen(server, { host, port, portSetting: 'FAILTRACE_API_PORT', drainMs: DRAIN_MS });
}
