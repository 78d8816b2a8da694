import http from 'node:http';
import { text } from 'node:stream/consumers';
import { SpanStatusCode, trace } from '@opentelemetry/api';
import type { RecordException } from '../telemetry/record-exception.ts';
import { AcquirerUnavailableError, authorise, type AuthorisationRequest } from './acquirer.ts';

const tracer = trace.getTracer('payment-service');

/** payment-service: `POST /authorisations` answers 201, or 502 when the acquirer is away. */
export function createPaymentServer(record: RecordException): http.Server {
  return http.createServer((request, response) => {
    void respond(request, response, record);
  });
}

async function respond(
  request: http.IncomingMessage,
  response: http.ServerResponse,
  record: RecordException,
): Promise<void> {
  const { status, body } = await answer(request, record);
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(JSON.stringify(body));
}

interface PaymentAnswer {
  status: number;
  body: Record<string, string>;
}

async function answer(
  request: http.IncomingMessage,
  record: RecordException,
): Promise<PaymentAnswer> {
  if (request.method !== 'POST' || request.url !== '/authorisations') {
    return { status: 404, body: { code: 'not_found' } };
  }
  const order: AuthorisationRequest = JSON.parse(await text(request));
  return tracer.startActiveSpan('authorise payment', async (span) => {
    try {
      return { status: 201, body: { authorisationId: await authorise(order) } };
    } catch (thrown) {
      record(thrown);
      span.setStatus({ code: SpanStatusCode.ERROR });
      const code = thrown instanceof AcquirerUnavailableError ? thrown.code : 'internal';
      return { status: code === 'internal' ? 500 : 502, body: { code } };
    } finally {
      span.end();
    }
  });
}

/** Listens on a free loopback port; `close` waits for the answers under way. */
export async function listenOnLoopback(
  server: http.Server,
): Promise<{ url: string; close: () => Promise<void> }> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the server has no port');
  return {
    url: `http://127.0.0.1:${address.port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeIdleConnections();
      }),
  };
}
