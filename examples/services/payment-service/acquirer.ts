import { setTimeout as delay } from 'node:timers/promises';

export class AcquirerUnavailableError extends Error {
  override readonly name = 'AcquirerUnavailableError';
  readonly code = 'acquirer_unavailable';
}

class TlsHandshakeError extends Error {
  override readonly name = 'TlsHandshakeError';
}

export interface AuthorisationRequest {
  orderNumber: number;
  amountCents: number;
}

/** The acquirer takes amounts up to this; above it, its risk gateway cannot be reached. */
const directLimitCents = 100_000;

/**
 * Authorises an amount at the acquirer.
 * @throws {AcquirerUnavailableError} when the acquirer's gateway cannot be reached.
 */
export async function authorise(request: AuthorisationRequest): Promise<string> {
  await delay(20);
  if (request.amountCents > directLimitCents) return askRiskGateway(request);
  return `auth_${request.orderNumber}_${request.amountCents}`;
}

function askRiskGateway({ orderNumber, amountCents }: AuthorisationRequest): never {
  try {
    return openSession('risk.nordbank-acquiring.example');
  } catch (cause) {
    const amount = (amountCents / 100).toFixed(2);
    throw new AcquirerUnavailableError(
      `Nordbank Acquiring could not be reached while authorising ${amount} EUR for order ${orderNumber}`,
      { cause },
    );
  }
}

function openSession(host: string): never {
  return verifyCertificate(host, new Date('2026-11-21T23:59:59Z'));
}

function verifyCertificate(host: string, validTo: Date): never {
  throw new TlsHandshakeError(
    `certificate of ${host} has expired (valid to ${validTo.toISOString()})`,
  );
}
