import type { IncomingHttpHeaders } from 'node:http';
import {
  createKeyFinder,
  hostnameOf,
  isLoopbackHost,
  presentedKey,
  type KeyEntry,
} from '@failtrace/contract/server';
import { ReceiveError } from '../errors.ts';

/** A key of `FAILTRACE_OTLP_KEYS_FILE`. */
export interface OtlpKey extends KeyEntry {
  /** Overwrites `service.namespace` of all that is sent with this key. */
  namespace?: string | undefined;
}

/**
 * Who may send:
 *
 * - `none`: every process of this machine; only for a loopback address
 * - `network`: whoever reaches the port; somebody else guards the network
 * - `api-key`: who has one of the keys
 */
export type OtlpAuth =
  | { readonly mode: 'none' }
  | { readonly mode: 'network' }
  | { readonly mode: 'api-key'; readonly keys: readonly OtlpKey[] };

/** What is known of who sends. */
export interface Sender {
  namespace?: string | undefined;
}

/** Lets a request in by its headers, before its body is read. @throws ReceiveError */
export type Admit = (headers: IncomingHttpHeaders) => Sender;

/** Makes the check that `auth` stands for. */
export function createAdmission(auth: OtlpAuth): Admit {
  if (auth.mode === 'api-key') return byKey(auth.keys);
  const checks = auth.mode === 'none' ? [refuseBrowsers, refuseOtherNames] : [refuseBrowsers];
  return (headers) => {
    for (const check of checks) check(headers);
    return {};
  };
}

function byKey(keys: readonly OtlpKey[]): Admit {
  const find = createKeyFinder(keys);
  return (headers) => {
    const key = presentedKey(headers);
    const entry = key === undefined ? undefined : find(key);
    if (entry) return { namespace: entry.namespace };
    throw new ReceiveError(
      'unauthenticated',
      'A key is needed: "Authorization: Bearer <key>" or "X-API-Key: <key>".',
    );
  };
}

const OTHER_SITES: ReadonlySet<string> = new Set(['cross-site', 'same-site']);

/** A page of any site could make its reader's browser send here, past every firewall. */
function refuseBrowsers(headers: IncomingHttpHeaders): void {
  const site = String(headers['sec-fetch-site']);
  if (headers.origin === undefined && !OTHER_SITES.has(site)) return;
  throw new ReceiveError(
    'forbidden',
    'Web pages may not send here without a key. See FAILTRACE_OTLP_KEYS_FILE.',
  );
}

/** A page may also give a name of its own our address (DNS rebinding); its Host header tells. */
function refuseOtherNames({ host = '' }: IncomingHttpHeaders): void {
  if (isLoopbackHost(hostnameOf(host))) return;
  throw new ReceiveError(
    'forbidden',
    'The Host header must name this machine: localhost, 127.0.0.1 or [::1].',
  );
}
