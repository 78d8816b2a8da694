import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { askSeldom, CONNECTION_LIMITS } from '@failtrace/contract/server';
import { BodyTooLargeError, OverloadedError, ReceiveError } from '../errors.ts';
import { freeOwn } from '../worker/free.ts';
import type { PackedBody } from '../worker/packed-body.ts';
import { createAdmission, type Admit } from './admission.ts';
import { answerEncodings } from './otlp-answer.ts';
import { DEFAULT_PACE, readBody } from './read-body.ts';
import { REQUEST_BYTES, type ReceiverOptions } from './receiver-options.ts';
import { messageEncodingOf, readHead } from './request-head.ts';
import { statusOf } from './status-of.ts';
import type { OtlpSignal } from './take-body.ts';
import { tellLoss } from './tell-loss.ts';

type Route = { readonly methods: readonly string[] } & (
  | { readonly signal: OtlpSignal; readonly probe?: undefined }
  | { readonly signal?: undefined; readonly probe: Probe }
);

const routes: ReadonlyMap<string, Route> = new Map([
  ['/v1/traces', { methods: ['POST'], signal: 'traces' as const }],
  ['/v1/logs', { methods: ['POST'], signal: 'logs' as const }],
  ['/v1/metrics', { methods: ['POST'], signal: 'metrics' as const }],
  ['/healthz', { methods: ['GET', 'HEAD'], probe: 'alive' as const }],
  ['/readyz', { methods: ['GET', 'HEAD'], probe: 'ready' as const }],
]);

/** Many connections that send nothing, or little, must cost little too. */
const serverLimits = {
  ...CONNECTION_LIMITS,
  maxHeaderSize: 8 * 1024,
  requestTimeout: 60_000,
} as const;
const MAX_CONNECTIONS = 10_000;
/** Anybody may ask whether ClickHouse is there, so it is asked no more often than this. */
const READY_KEPT_MS = 1_000;
/** So long, in milliseconds, the rest of a refused body is read and thrown away. */
const DISCARD_MS = 1_000;

/**
 * OTLP over HTTP: `POST /v1/traces`, `/v1/logs` and `/v1/metrics`, protobuf and JSON, gzip, zstd and identity, by
 * https://opentelemetry.io/docs/specs/otlp/#otlphttp; `GET /healthz`: the process is alive; and
 * `GET /readyz`: it can store, and if not, why; an answer may be a second old.
 *
 * It answers 200 when ClickHouse has taken every failure of the request, and not before. On plain
 * `node:http`, because a web framework's body handling cost 1.6 times the CPU at 100 KB to 1 MB.
 */
export function createHttpReceiver(options: ReceiverOptions): Server {
  const { whyNotReady = async () => undefined } = options;
  const parts: Parts = {
    ...options,
    admit: createAdmission(options.auth),
    whyNotReady: askSeldom(whyNotReady, READY_KEPT_MS),
  };
  const onRequest = (request: IncomingMessage, response: ServerResponse) => {
    void answer(request, response, parts);
  };
  const server = createServer(serverLimits, onRequest);
  // Without this, Node asks for the body before anybody has looked at the headers.
  server.on('checkContinue', onRequest);
  server.maxConnections = MAX_CONNECTIONS;
  return server;
}

/** The options, and what was made of them. */
type Parts = ReceiverOptions & { admit: Admit } & Required<Pick<ReceiverOptions, 'whyNotReady'>>;

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  parts: Parts,
): Promise<void> {
  const { budget, logger } = parts;
  let heldBytes = 0;
  const hold = (bytes: number): boolean => {
    if (!budget.hold(bytes)) return false;
    heldBytes += bytes;
    return true;
  };
  try {
    const { signal, probe } = routeOf(request);
    if (signal === undefined) return await probes[probe](response, parts);
    const head = readHead(request.headers, parts.admit);
    const refusal = parts.refusal?.();
    if (refusal) throw refusal;
    if (!hold(REQUEST_BYTES)) throw new OverloadedError('Too many requests are under way.');
    const ingested = await parts.take({
      signal,
      ...head,
      chunks: await readOnceAsked(request, response, parts, hold),
    });
    const encoding = answerEncodings[head.messageEncoding];
    send(response, 200, encoding.mediaType, encoding.response(signal, ingested));
  } catch (error) {
    if (statusOf(error).isFault) logger.error({ err: error }, 'A request could not be stored.');
    tellLoss(logger, error, {
      remoteAddress: request.socket.remoteAddress,
      userAgent: request.headers['user-agent'],
      bytes: Number(request.headers['content-length'] ?? Number.NaN),
    });
    sendError(request, response, error);
  } finally {
    budget.release(heldBytes);
  }
}

function readOnceAsked(
  request: IncomingMessage,
  response: ServerResponse,
  { maxBodyBytes, pace = DEFAULT_PACE }: ReceiverOptions,
  hold: (bytes: number) => boolean,
): Promise<PackedBody['chunks']> {
  if (Number(request.headers['content-length'] ?? 0) > maxBodyBytes) {
    throw new BodyTooLargeError(maxBodyBytes);
  }
  if (request.headers.expect !== undefined) response.writeContinue();
  return readBody(request, { maxBytes: maxBodyBytes, pace, hold });
}

function routeOf(request: IncomingMessage): Route {
  const path = (request.url ?? '').split('?', 1)[0] ?? '';
  const route = routes.get(path);
  if (!route) {
    throw new ReceiveError(
      'not_found',
      'There is nothing here. OTLP goes to POST /v1/traces, /v1/logs and /v1/metrics.',
    );
  }
  if (route.methods.includes(request.method ?? '')) return route;
  throw new MethodNotAllowedError(route.methods);
}

class MethodNotAllowedError extends ReceiveError {
  override readonly name = 'MethodNotAllowedError';
  readonly allow: string;

  constructor(methods: readonly string[]) {
    super('method_not_allowed', `This path answers ${methods.join(', ')}.`);
    this.allow = methods.join(', ');
  }
}

function send(response: ServerResponse, status: number, contentType: string, body: Buffer): void {
  response.writeHead(status, {
    'content-type': contentType,
    'content-length': body.length,
    'x-content-type-options': 'nosniff',
  });
  response.end(body);
}

type Probe = 'alive' | 'ready';

const probes: Record<Probe, (response: ServerResponse, parts: Parts) => Promise<void> | void> = {
  alive: (response) => send(response, 200, 'text/plain', Buffer.from('ok\n')),
  ready: sendReady,
};

async function sendReady(response: ServerResponse, { whyNotReady }: Parts): Promise<void> {
  const reason = await whyNotReady();
  const state = reason === undefined ? { status: 'ready' } : { status: 'not_ready', reason };
  const body = Buffer.from(JSON.stringify(state));
  send(response, reason === undefined ? 200 : 503, 'application/json', body);
}

function sendError(request: IncomingMessage, response: ServerResponse, error: unknown): void {
  const { http, grpc, retryAfter } = statusOf(error);
  const encoding = answerEncodings[messageEncodingOf(request.headers) ?? 'json'];
  // What is no ReceiveError may name anything; the sender learns no more than that it happened.
  const message = error instanceof ReceiveError ? error.message : 'failtrace failed.';
  if (retryAfter !== undefined) response.setHeader('retry-after', retryAfter);
  if (error instanceof MethodNotAllowedError) response.setHeader('allow', error.allow);
  if (http === 401) response.setHeader('www-authenticate', 'Bearer realm="failtrace"');
  if (!request.complete) {
    response.setHeader('connection', 'close');
    discardRest(request);
  }
  send(response, http, encoding.mediaType, encoding.status({ code: grpc, message }));
}

/**
 * A sender that is still sending would see a reset connection in place of the answer, so the rest
 * is read and thrown away for a moment.
 */
function discardRest(request: IncomingMessage): void {
  request.on('error', () => request.destroy());
  request.on('data', freeOwn).resume();
  const timer = setTimeout(() => request.destroy(), DISCARD_MS);
  request.once('close', () => clearTimeout(timer));
}
