import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Run } from '@failtrace/contract';
import { ambiguousRun } from './runs.ts';

/** A run, or an answer that cannot be forced from a real API. */
export type Answer =
  | { readonly run: Run; readonly afterMs?: number }
  | { readonly status: number; readonly problem?: object }
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
  readonly #tenants: Run[] = [];
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
    this.#tenants.length = 0;
    this.#traces.clear();
  }

  /** What a run is answered with: one answer after the other, the last one for ever. */
  script(runId: string, ...answers: Answer[]): void {
    this.#answers.set(runId, answers);
  }

  runs(...runs: Run[]): void {
    for (const run of runs) this.script(run.run_id, { run });
  }

  /** Runs that are found by namespace and id; where several have the id, one must be picked. */
  tenants(...runs: Run[]): void {
    this.#tenants.push(...runs);
  }

  trace(runId: string, text: string, namespace: string | null = null): void {
    this.#traces.set(keyOf(runId, namespace), text);
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
    const namespace = url.searchParams.get('namespace');
    if (isTrace) {
      const name = url.searchParams.get('filename') ?? `${id}_trace.txt`;
      response.setHeader('Content-Disposition', `attachment; filename="${name}"`);
      response.setHeader('Content-Type', 'text/plain; charset=utf-8');
      response.end(this.#traces.get(keyOf(id, namespace)) ?? '');
      return;
    }
    if (id === 'lookup') {
      await this.#answerLookup(seen, response);
      return;
    }
    await sendAnswer(response, conflictOf(this.#next(id, namespace)), (run) => run);
  }

  async #answerLookup(seen: SeenRequest, response: ServerResponse): Promise<void> {
    const asked = JSON.parse(seen.body) as { run_ids: string[]; namespace?: string };
    const answers = asked.run_ids.map((id) => this.#next(id, asked.namespace ?? null));
    const special = answers.find((answer) => typeof answer === 'string' || !('run' in answer));
    const first = special ?? answers[0] ?? { status: 400 };
    const runs = answers.flatMap((answer) =>
      typeof answer === 'object' && 'run' in answer ? [answer.run] : [],
    );
    await sendAnswer(response, first, () => ({ runs }));
  }

  #next(runId: string, namespace: string | null): Answer {
    const tenants = this.#tenants.filter(({ run_id: id }) => id === runId);
    const picked = tenants.filter((run) => namespace === null || run.namespace === namespace);
    const [run, ...others] = picked;
    if (run && others.length === 0) return { run };
    if (run) {
      const namespaces = picked.map((one) => one.namespace);
      return { run: ambiguousRun(runId, namespaces) };
    }
    const answers = this.#answers.get(runId) ?? [];
    return (answers.length > 1 ? answers.shift() : answers[0]) ?? { status: 404 };
  }
}

function keyOf(runId: string, namespace: string | null): string {
  return JSON.stringify([runId, namespace]);
}

/** The detail has a status for what is a record in a look-up. */
function conflictOf(answer: Answer): Answer {
  if (typeof answer === 'string' || !('run' in answer)) return answer;
  const { trace, namespaces } = answer.run;
  if (trace.reason !== 'ambiguous_run') return answer;
  return { status: 409, problem: { code: 'ambiguous_run', namespaces } };
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
    response.end(JSON.stringify({ status: answer.status, ...answer.problem }));
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
