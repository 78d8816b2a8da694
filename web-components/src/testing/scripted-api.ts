import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Run } from '../run.ts';

/** A run, or an answer that cannot be forced from a real API. */
export type Answer =
  | { readonly run: Run; readonly afterMs?: number }
  | { readonly status: number }
  | { readonly garbage: string }
  | 'hang'
  | 'hang up';

interface SeenRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
  /** Whether the browser gave the request up before it was answered. */
  aborted: boolean;
}

const cors = {
  'Access-Control-Allow-Headers': 'content-type, authorization, x-team',
  'Access-Control-Allow-Credentials': 'true',
};

/**
 * The HTTP contract with answers by script: slow, pending for a while, out of order, broken.
 *
 * The chip against the real API is tried in the end-to-end tests.
 */
export class ScriptedApi {
  readonly requests: SeenRequest[] = [];
  readonly #answers = new Map<string, Answer[]>();
  readonly #files = new Map<string, { type: string; body: string | Uint8Array }>();
  readonly #traces = new Map<string, string>();
  readonly #server: Server = createServer((request, response) => {
    void this.#handle(request, response);
  });

  async listen(): Promise<void> {
    await new Promise<void>((resolve) => {
      this.#server.listen(0, '127.0.0.1', resolve);
    });
  }

  get origin(): string {
    const address = this.#server.address();
    if (address === null || typeof address === 'string') throw new Error('the server is closed');
    return `http://127.0.0.1:${address.port}`;
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => {
      this.#server.close(resolve);
    });
  }

  forget(): void {
    this.requests.length = 0;
    this.#answers.clear();
    this.#traces.clear();
  }

  /** What a run is answered with: one answer after the other, the last one for ever. */
  script(runId: string, ...answers: Answer[]): void {
    this.#answers.set(runId, answers);
  }

  runs(...runs: Run[]): void {
    for (const run of runs) this.script(run.run_id, { run });
  }

  trace(runId: string, text: string): void {
    this.#traces.set(runId, text);
  }

  file(path: string, type: string, body: string | Uint8Array): void {
    this.#files.set(path, { type, body });
  }

  /** The requests for runs, as `GET /api/runs/1`; preflights and downloads left out. */
  get asked(): string[] {
    return this.requests
      .filter(({ method, path }) => /^\/[^?]*api\/runs\/[^/]+$/.test(path) && method !== 'OPTIONS')
      .map(({ method, path }) => `${method} ${path}`);
  }

  async #handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', this.origin);
    const file = this.#files.get(url.pathname);
    if (file) {
      response.writeHead(200, { 'Content-Type': file.type }).end(file.body);
      return;
    }
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const seen: SeenRequest = {
      method: request.method ?? '',
      path: url.pathname + url.search,
      headers: request.headers,
      body: Buffer.concat(chunks).toString(),
      aborted: false,
    };
    this.requests.push(seen);
    response.on('close', () => {
      seen.aborted = !response.writableFinished;
    });
    const { origin } = request.headers;
    for (const [name, value] of Object.entries(cors)) response.setHeader(name, value);
    if (origin) response.setHeader('Access-Control-Allow-Origin', origin);
    if (request.method === 'OPTIONS') {
      response.writeHead(204, { 'Access-Control-Allow-Methods': 'GET, POST' }).end();
      return;
    }
    await this.#answer(url, seen, response);
  }

  async #answer(url: URL, seen: SeenRequest, response: ServerResponse): Promise<void> {
    const [, runId = '', isTrace] = /api\/runs\/([^/]+)(\/trace)?$/.exec(url.pathname) ?? [];
    const id = decodeURIComponent(runId);
    if (isTrace) {
      const name = url.searchParams.get('filename') ?? `${id}_trace.txt`;
      response.setHeader('Content-Disposition', `attachment; filename="${name}"`);
      response.setHeader('Content-Type', 'text/plain; charset=utf-8');
      response.end(this.#traces.get(id) ?? '');
      return;
    }
    if (id === 'lookup') {
      await this.#answerLookup(seen, response);
      return;
    }
    await sendAnswer(response, this.#next(id), (run) => run);
  }

  async #answerLookup(seen: SeenRequest, response: ServerResponse): Promise<void> {
    const { run_ids: ids } = JSON.parse(seen.body) as { run_ids: string[] };
    const answers = ids.map((id) => this.#next(id));
    const special = answers.find((answer) => typeof answer === 'string' || !('run' in answer));
    const first = special ?? answers[0] ?? { status: 400 };
    const runs = answers.flatMap((answer) =>
      typeof answer === 'object' && 'run' in answer ? [answer.run] : [],
    );
    await sendAnswer(response, first, () => ({ runs }));
  }

  #next(runId: string): Answer {
    const answers = this.#answers.get(runId) ?? [];
    return (answers.length > 1 ? answers.shift() : answers[0]) ?? { status: 404 };
  }
}

async function sendAnswer(
  response: ServerResponse,
  answer: Answer,
  body: (run: Run) => unknown,
): Promise<void> {
  if (answer === 'hang') return;
  if (answer === 'hang up') {
    response.destroy();
    return;
  }
  if ('status' in answer) {
    response.writeHead(answer.status, { 'Content-Type': 'application/problem+json' });
    response.end(JSON.stringify({ status: answer.status }));
    return;
  }
  response.setHeader('Content-Type', 'application/json');
  if ('garbage' in answer) {
    response.end(answer.garbage);
    return;
  }
  if (answer.afterMs) await sleep(answer.afterMs);
  response.end(JSON.stringify(body(answer.run)));
}
