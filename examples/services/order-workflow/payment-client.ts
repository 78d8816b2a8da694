// The default import is the object that the HTTP instrumentation patches; named imports are not.
import http from 'node:http';
import { text } from 'node:stream/consumers';

class PaymentServiceError extends Error {
  override readonly name = 'PaymentServiceError';
}

interface Authorisation {
  authorisationId: string;
}

/**
 * Asks payment-service for an authorisation.
 * @throws {PaymentServiceError} for every answer but 201.
 */
export async function authorisePayment(
  paymentUrl: string,
  orderNumber: number,
  amountCents: number,
): Promise<Authorisation> {
  const answer = await postJson(`${paymentUrl}/authorisations`, { orderNumber, amountCents });
  if (answer.status !== 201) throw refused(answer);
  return JSON.parse(answer.body);
}

interface Answer {
  status: number;
  reason: string;
  body: string;
}

function refused({ status, reason, body }: Answer): PaymentServiceError {
  return new PaymentServiceError(`payment-service answered ${status} ${reason}: ${body}`);
}

async function postJson(url: string, payload: unknown): Promise<Answer> {
  const response = await new Promise<http.IncomingMessage>((resolve, reject) => {
    const headers = { 'content-type': 'application/json' };
    const request = http.request(url, { method: 'POST', headers, timeout: 5_000 }, resolve);
    request.on('error', reject);
    request.on('timeout', () => request.destroy(new Error(`no answer from ${url} within 5 s`)));
    request.end(JSON.stringify(payload));
  });
  return {
    status: response.statusCode ?? 0,
    reason: response.statusMessage ?? '',
    body: await text(response),
  };
}
