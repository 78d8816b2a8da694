import type { Logger } from '@failtrace/contract/server';
import { chooseCoding } from './accept-encoding.ts';
import { openBody } from './body.ts';
import type { Freeing } from './freeing.ts';
import { gzip } from './gzip.ts';
import { readAhead } from './read-ahead.ts';

/** The media type of every text that is delivered. */
export const TEXT_TYPE = 'text/plain; charset=utf-8';

/** A text that can be delivered without ever being in memory as a whole. */
export interface DeliverableText {
  /** Its length, which is known before its first byte is read. */
  bytes: number;
  /** Starts to read it. Ends its query when the signal is aborted. */
  open: (signal: AbortSignal) => AsyncGenerator<Uint8Array, void, undefined>;
  /** What its route says of it besides its type, length and coding. */
  headers?: Record<string, string>;
}

/** What a delivery works with. */
export interface Delivery {
  freeing: Freeing;
  /** Hears why a text broke off, which its client is not told. */
  logger: Logger;
  /** The route's pattern, for the log. */
  route: string;
}

/**
 * A text as the response to a GET, or its headers alone as the response to a HEAD: Hono answers HEAD by
 * the handler of GET and drops the body, so a body that was opened would stay open for good.
 *
 * @throws StorageUnavailable where the text cannot be read from its beginning; a fault further on breaks
 *   the connection
 */
export async function textResponse(
  request: Request,
  { bytes, open, headers: ownHeaders }: DeliverableText,
  { freeing, logger, route }: Delivery,
): Promise<Response> {
  const coding = chooseCoding(request.headers.get('Accept-Encoding') ?? undefined);
  const headers = {
    ...ownHeaders,
    'Content-Type': TEXT_TYPE,
    Vary: 'Accept-Encoding',
    ...(coding === 'gzip' ? { 'Content-Encoding': 'gzip' } : { 'Content-Length': String(bytes) }),
  };
  if (request.method === 'HEAD') return new Response(null, { headers });

  const body = await openBody(
    async (signal) => {
      const plain = freeing(await readAhead(open(signal)));
      return coding === 'gzip' ? gzip(plain) : plain;
    },
    request.signal,
    (err) => logger.error({ err, route }, 'A text broke off in mid-stream'),
  );
  return new Response(body, { headers });
}
