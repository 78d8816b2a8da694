import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AttributeNames } from '../decode/attribute-names.ts';
import { ReceiveError } from '../errors.ts';
import { extract } from '../extract/extract.ts';
import { spanMatters } from '../extract/span-rule.ts';
import type { Store } from '../store/store.ts';
import { readBody, type BodyBudget } from './body.ts';
import { encodings, fallbackEncoding, type Encoding } from './encodings.ts';
import { statusOf } from './status-of.ts';

/** What a receiver is made of. */
export interface ReceiverOptions {
  store: Pick<Store, 'write'>;
  /** The attributes that may carry a run id, the preferred one first. */
  runIdNames: AttributeNames;
  /** No body may be longer, packed or unpacked. */
  maxBodyBytes: number;
  /** All bodies that are being read together may not be longer. */
  maxBufferedBytes?: number;
  /** Told of every request that failed for a reason that the sender cannot mend. */
  onError?: (error: unknown) => void;
}

const routes: readonly { path: string; methods: readonly string[]; name: 'traces' | 'health' }[] = [
  { path: '/v1/traces', methods: ['POST'], name: 'traces' },
  { path: '/healthz', methods: ['GET', 'HEAD'], name: 'health' },
];

const REQUEST_TIMEOUT_MS = 60_000;
const DRAIN_MS = 1_000;

/**
 * The OTLP/HTTP receiver: `POST /v1/traces`, protobuf and JSON, gzip and identity, by
 * https://opentelemetry.io/docs/specs/otlp/#otlphttp; and `GET /healthz`.
 *
 * It answers 200 when ClickHouse has taken every failure of the request, and not before. On plain
 * `node:http`, because a web framework's body handling cost 1.6 times the CPU at 100 KB to 1 MB.
 */
export function createReceiver(options: ReceiverOptions): Server {
  const budget: BodyBudget = { usedBytes: 0, maxBytes: options.maxBufferedBytes ?? 256 * 2 ** 20 };
  const server = createServer({ requestTimeout: REQUEST_TIMEOUT_MS }, (request, response) => {
    void answer(request, response, options, budget);
  });
  return server;
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  options: ReceiverOptions,
  budget: BodyBudget,
): Promise<void> {
  let encoding = fallbackEncoding;
  try {
    if (routeOf(request) === 'health') {
      send(response, 200, 'text/plain', Buffer.from('ok\n'));
      return;
    }
    encoding = encodingOf(request);
    const body = await readBody(request, options.maxBodyBytes, budget);
    const decoded = encoding.decode(body, { runIdNames: options.runIdNames, keep: spanMatters });
    const extracted = extract(decoded, { nowMs: Date.now() });
    await options.store.write(extracted);
    const { spans: rejectedSpans, message } = extracted.rejected;
    send(response, 200, encoding.contentType, encoding.encodeResponse({ rejectedSpans, message }));
  } catch (error) {
    sendError(request, response, encoding, error);
    if (statusOf(error).http >= 500) options.onError?.(error);
  }
}

function routeOf(request: IncomingMessage): 'traces' | 'health' {
  const path = (request.url ?? '').split('?', 1)[0];
  const route = routes.find((candidate) => candidate.path === path);
  if (!route) {
    throw new ReceiveError(
      'not_found',
      'There is nothing here. OTLP traces go to POST /v1/traces.',
    );
  }
  if (!route.methods.includes(request.method ?? '')) {
    throw new MethodNotAllowedError(route.methods);
  }
  return route.name;
}

class MethodNotAllowedError extends ReceiveError {
  override readonly name = 'MethodNotAllowedError';
  readonly allow: string;

  constructor(methods: readonly string[]) {
    super('method_not_allowed', `This path answers ${methods.join(', ')}.`);
    this.allow = methods.join(', ');
  }
}

function encodingOf(request: IncomingMessage): Encoding {
  const mediaType = (request.headers['content-type'] ?? '').split(';', 1)[0]?.trim().toLowerCase();
  const encoding = encodings.get(mediaType ?? '');
  if (encoding) return encoding;
  throw new ReceiveError(
    'unsupported_media_type',
    `Content-Type must be one of ${[...encodings.keys()].join(', ')}.`,
  );
}

function send(response: ServerResponse, status: number, contentType: string, body: Buffer): void {
  response.writeHead(status, {
    'content-type': contentType,
    'content-length': body.length,
    'x-content-type-options': 'nosniff',
  });
  response.end(body);
}

function sendError(
  request: IncomingMessage,
  response: ServerResponse,
  encoding: Encoding,
  error: unknown,
): void {
  const { http, grpc, retryAfter } = statusOf(error);
  // What is no ReceiveError may name anything; the sender learns no more than that it happened.
  const message = error instanceof ReceiveError ? error.message : 'failtrace failed.';
  if (retryAfter !== undefined) response.setHeader('retry-after', retryAfter);
  if (error instanceof MethodNotAllowedError) response.setHeader('allow', error.allow);
  if (!request.complete) {
    response.setHeader('connection', 'close');
    discardRest(request);
  }
  send(response, http, encoding.contentType, encoding.encodeStatus({ code: grpc, message }));
}

/**
 * A sender that is still sending would see a reset connection in place of the answer, so the rest
 * is read and thrown away for a moment.
 */
function discardRest(request: IncomingMessage): void {
  request.on('error', () => request.destroy());
  request.resume();
  const timer = setTimeout(() => request.destroy(), DRAIN_MS);
  request.once('close', () => clearTimeout(timer));
}
