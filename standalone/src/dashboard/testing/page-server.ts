import { createServer, type ServerResponse } from 'node:http';
import type { Run } from '@failtrace/contract';
import { listen } from '@failtrace/contract/server';
import { createDashboard } from '../dashboard.ts';

/** The dashboard's own files, with a list of runs by script behind them. */
export interface PageServer {
  url: string;
  /** What the list answers from; newest first. */
  runs: Run[];
  /** The queries that the list was asked with. */
  queries: URLSearchParams[];
  close(): Promise<void>;
}

/** Serves the page on a free loopback port. It needs the chip's bundle, which `npm test` makes. */
export async function servePage(): Promise<PageServer> {
  const chipBundlePath = new URL(import.meta.resolve('@failtrace/web-components/bundle.js'));
  const app = createDashboard({ chipBundlePath, otlpEndpoint: 'http://127.0.0.1:4318' });
  const runs: Run[] = [];
  const queries: URLSearchParams[] = [];
  const server = createServer((request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://page');
    if (pathname !== '/api/runs') {
      void send(response, app.request(pathname));
      return;
    }
    queries.push(searchParams);
    const namespace = searchParams.get('namespace');
    const found = runs.filter((run) => namespace === null || run.namespace === namespace);
    void send(response, Response.json({ runs: found, next_cursor: null }));
  });
  const options = { host: '127.0.0.1', port: 0, portSetting: 'none', drainMs: 0 };
  const listening = await listen(server, options);
  return { url: listening.url, runs, queries, close: () => listening.close() };
}

async function send(response: ServerResponse, answer: Response | Promise<Response>): Promise<void> {
  const { status, headers, body } = await answer;
  response.writeHead(status, Object.fromEntries(headers));
  for await (const chunk of body ?? []) response.write(chunk);
  response.end();
}
