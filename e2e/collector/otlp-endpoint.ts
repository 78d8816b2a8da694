import { once } from 'node:events';
import {
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type ServerResponse,
} from 'node:http';
import { buffer } from 'node:stream/consumers';
import { gunzipSync, zstdDecompressSync } from 'node:zlib';
import { portOf } from './free-ports.ts';
import { decodeTraceRequest, spansOf, type Span } from './otlp-messages.ts';

/** What stands in for the receiver where a test needs to see the Collector's own requests. */
export interface OtlpEndpoint {
  readonly port: number;
  /** Status of the answers from now on. A request answered other than 200 counts as not taken. */
  answerWith(status: number): void;
  /** Requests refused so far. */
  refused(): number;
  /** Headers and path of the requests that were taken. */
  requests(): readonly { path: string | undefined; headers: IncomingHttpHeaders }[];
  /** Spans of the requests that were taken, in the order they came in. */
  spans(): readonly Span[];
  stop(): Promise<void>;
}

const unpackers: Record<string, (body: Buffer) => Buffer> = {
  gzip: gunzipSync,
  zstd: zstdDecompressSync,
};

/** Listens on loopback; `port` 0 takes any free one. */
export async function startOtlpEndpoint(port = 0): Promise<OtlpEndpoint> {
  let status = 200;
  let refused = 0;
  const requests: { path: string | undefined; headers: IncomingHttpHeaders }[] = [];
  const spans: Span[] = [];

  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const body = await buffer(request);
    if (status === 200) {
      const plain = unpackers[request.headers['content-encoding'] ?? '']?.(body) ?? body;
      spans.push(...spansOf(decodeTraceRequest(plain)));
      requests.push({ path: request.url, headers: request.headers });
    } else {
      refused += 1;
    }
    response.writeHead(status, { 'content-type': 'application/x-protobuf' }).end();
  };
  const server = createServer((request, response) => void answer(request, response));
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');

  return {
    port: portOf(server),
    answerWith: (next) => {
      status = next;
    },
    refused: () => refused,
    requests: () => requests,
    spans: () => spans,
    stop: async () => {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}
