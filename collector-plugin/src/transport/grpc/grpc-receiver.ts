import {
  constants,
  createServer,
  type Http2Server,
  type IncomingHttpHeaders,
  type ServerHttp2Stream,
} from 'node:http2';
import { BodyTooLargeError, OverloadedError, ReceiveError } from '../../errors.ts';
import { freeOwn } from '../../worker/free.ts';
import { CONTENT_CODINGS, type ContentCoding } from '../../worker/unpack.ts';
import { createAdmission, type Admit } from '../admission.ts';
import { answerEncodings, varintField } from '../otlp-answer.ts';
import { DEFAULT_PACE, readBody } from '../read-body.ts';
import { REQUEST_BYTES, type ReceiverOptions } from '../receiver-options.ts';
import { statusOf } from '../status-of.ts';
import { tellLoss } from '../tell-loss.ts';
import { framed, messageOf, PREFIX_BYTES } from './frame.ts';
import { failureHeaders } from './grpc-status.ts';
import { methods } from './methods.ts';

const GRPC = 'application/grpc';
/** Streams of one connection at once; senders queue what is more. */
const MAX_STREAMS = 100;
const MAX_CONNECTIONS = 10_000;
/** So much, in bytes, may be on its way before it is read: enough for a usual body in one go. */
const WINDOW_BYTES = 256 * 1024;
/** A connection on which nothing moves for so long, in milliseconds, is closed. */
const IDLE_MS = 300_000;
/** grpc.health.v1.HealthCheckResponse.ServingStatus */
const SERVING = 1;
const NOT_SERVING = 2;

/**
 * OTLP over gRPC, by https://opentelemetry.io/docs/specs/otlp/#otlpgrpc, and the health check of
 * `grpc.health.v1.Health`. The same limits, admission and guarantees as over HTTP.
 *
 * On plain `node:http2`, because a gRPC library reads and unpacks a message before anybody can count it: here what
 * arrives is held against the budget piece by piece, and unpacked by the workers.
 */
export function createGrpcReceiver(options: ReceiverOptions): Http2Server {
  const parts: Parts = { ...options, admit: createAdmission(options.auth) };
  const server = createServer({
    settings: { maxConcurrentStreams: MAX_STREAMS, initialWindowSize: WINDOW_BYTES },
  });
  server.on('session', (session) => {
    session.on('error', () => session.destroy());
    session.setTimeout(IDLE_MS, () => session.close());
    session.setLocalWindowSize(WINDOW_BYTES);
  });
  server.on('stream', (stream, headers) => void answer(stream, headers, parts));
  Object.assign(server, { maxConnections: MAX_CONNECTIONS });
  return server;
}

type Parts = ReceiverOptions & { admit: Admit };

async function answer(
  stream: ServerHttp2Stream,
  headers: IncomingHttpHeaders,
  parts: Parts,
): Promise<void> {
  // Whoever reads the stream hears of it by its end; nobody else has to.
  stream.on('error', () => stream.destroy());
  const { budget, logger, refusal } = parts;
  let heldBytes = 0;
  const hold = (bytes: number): boolean => {
    if (!budget.hold(bytes)) return false;
    heldBytes += bytes;
    return true;
  };
  try {
    if (!isGrpc(headers)) return refuseOther(stream);
    const method = methods.get(headers[':path'] ?? '');
    if (!method) throw new ReceiveError('not_found', 'There is no such method here.');
    if (method.isHealthCheck) return send(stream, await health(parts));
    const { namespace } = parts.admit({ ...headers, host: headers[':authority'] ?? headers.host });
    const refused = refusal?.();
    if (refused) throw refused;
    if (!hold(REQUEST_BYTES)) throw new OverloadedError('Too many requests are under way.');
    const message = await readMessage(stream, headers, parts, hold);
    const ingested = await parts.take({
      signal: method.signal,
      namespace,
      messageEncoding: 'protobuf',
      ...message,
    });
    send(stream, answerEncodings.protobuf.response(method.signal, ingested));
  } catch (error) {
    if (statusOf(error).isFault) logger.error({ err: error }, 'A request could not be stored.');
    tellLoss(logger, error, {
      remoteAddress: stream.session?.socket.remoteAddress,
      userAgent: headers['user-agent'],
      bytes: Number(headers['content-length'] ?? Number.NaN),
    });
    sendFailure(stream, error);
  } finally {
    budget.release(heldBytes);
  }
}

async function readMessage(
  stream: ServerHttp2Stream,
  headers: IncomingHttpHeaders,
  { maxBodyBytes, pace = DEFAULT_PACE }: Parts,
  hold: (bytes: number) => boolean,
): Promise<{ contentCoding: ContentCoding; chunks: Uint8Array<ArrayBuffer>[] }> {
  const coding = codingOf(headers);
  if (Number(headers['content-length'] ?? 0) > maxBodyBytes + PREFIX_BYTES) {
    throw new BodyTooLargeError(maxBodyBytes);
  }
  const pieces = await readBody(stream, { maxBytes: maxBodyBytes + PREFIX_BYTES, pace, hold });
  const { isPacked, bytes } = messageOf(pieces);
  for (const piece of pieces) freeOwn(piece);
  return { contentCoding: isPacked ? coding : 'identity', chunks: [bytes] };
}

function codingOf(headers: IncomingHttpHeaders): ContentCoding {
  const name = String(headers['grpc-encoding'] ?? 'identity').toLowerCase();
  const coding = CONTENT_CODINGS.find((known) => known === name);
  if (coding) return coding;
  throw new ReceiveError(
    'unsupported_content_encoding',
    `grpc-encoding must be one of ${CONTENT_CODINGS.join(', ')}.`,
  );
}

function isGrpc(headers: IncomingHttpHeaders): boolean {
  const mediaType = headers['content-type'] ?? '';
  return headers[':method'] === 'POST' && /^application\/grpc(?:\+proto)?(?:;|$)/.test(mediaType);
}

/** What speaks HTTP/2 and not gRPC understands an HTTP status alone. */
function refuseOther(stream: ServerHttp2Stream): void {
  if (stream.destroyed) return;
  stream.respond({ ':status': 415 }, { endStream: true });
  stream.close(constants.NGHTTP2_NO_ERROR);
}

async function health({ refusal, whyNotReady }: Parts): Promise<Buffer> {
  const isReady = !refusal?.() && (await whyNotReady?.()) === undefined;
  return varintField(1, isReady ? SERVING : NOT_SERVING);
}

function send(stream: ServerHttp2Stream, message: Buffer): void {
  if (stream.destroyed) return;
  stream.respond({ ':status': 200, 'content-type': GRPC }, { waitForTrailers: true });
  stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0' }));
  stream.end(framed(message));
}

function sendFailure(stream: ServerHttp2Stream, error: unknown): void {
  if (stream.destroyed) return;
  stream.respond(
    {
      ':status': 200,
      'content-type': GRPC,
      'grpc-accept-encoding': CONTENT_CODINGS.join(),
      ...failureHeaders(error),
    },
    { endStream: true },
  );
  // What is still on its way need not be sent.
  stream.close(constants.NGHTTP2_NO_ERROR);
}
