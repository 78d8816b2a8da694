import type { IncomingMessage } from 'node:http';
import { gunzipSync } from 'node:zlib';
import { MalformedBodyError, OverloadedError, ReceiveError } from '../errors.ts';

/** Bytes of request bodies that are held in memory now, over all requests. */
export interface BodyBudget {
  usedBytes: number;
  readonly maxBytes: number;
}

/** In chunks of 256 KB gunzipping takes half the time that it takes in the default 16 KB. */
const GUNZIP_CHUNK_BYTES = 256 * 1024;

/**
 * Reads a request's body and undoes its `Content-Encoding`. Neither form may be longer than
 * `maxBytes`, so a small body that unpacks to gigabytes stops at the limit.
 *
 * @throws ReceiveError `body_too_large`, `unsupported_content_encoding`, `malformed_body` (not
 *   gzip), `request_aborted`, or `overloaded` when `budget` is used up.
 */
export async function readBody(
  request: IncomingMessage,
  maxBytes: number,
  budget: BodyBudget,
): Promise<Buffer> {
  const decode = decoderOf(request.headers['content-encoding']);
  if (Number(request.headers['content-length'] ?? 0) > maxBytes) throw tooLarge(maxBytes);
  return decode(await collect(request, maxBytes, budget), maxBytes);
}

type BodyDecoder = (body: Buffer, maxBytes: number) => Buffer;

const decoders: ReadonlyMap<string, BodyDecoder> = new Map([
  ['identity', (body) => body],
  ['gzip', gunzip],
]);

function decoderOf(contentEncoding = 'identity'): BodyDecoder {
  const decoder = decoders.get(contentEncoding.trim().toLowerCase());
  if (decoder) return decoder;
  throw new ReceiveError(
    'unsupported_content_encoding',
    `Content-Encoding must be one of ${[...decoders.keys()].join(', ')}.`,
  );
}

function gunzip(body: Buffer, maxBytes: number): Buffer {
  try {
    // Synchronous: in the thread pool the same work took twice as long, and a body at the limit
    // blocks for about as long as decoding its JSON would.
    return gunzipSync(body, { chunkSize: GUNZIP_CHUNK_BYTES, maxOutputLength: maxBytes });
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException;
    if (code === 'ERR_BUFFER_TOO_LARGE') throw tooLarge(maxBytes);
    throw new MalformedBodyError(`The body is not gzip: ${message}.`, { cause });
  }
}

async function collect(
  request: IncomingMessage,
  maxBytes: number,
  budget: BodyBudget,
): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let length = 0;
  try {
    for await (const chunk of request.iterator({
      destroyOnReturn: false,
    }) as AsyncIterable<Buffer>) {
      length += chunk.length;
      budget.usedBytes += chunk.length;
      if (length > maxBytes) throw tooLarge(maxBytes);
      if (budget.usedBytes > budget.maxBytes) {
        throw new OverloadedError('Too many requests are being read. Try again later.');
      }
      chunks.push(chunk);
    }
  } catch (cause) {
    if (cause instanceof ReceiveError) throw cause;
    throw new ReceiveError('request_aborted', 'The request ended before its body did.', { cause });
  } finally {
    budget.usedBytes -= length;
  }
  const [only] = chunks;
  return chunks.length === 1 && only ? only : Buffer.concat(chunks, length);
}

function tooLarge(maxBytes: number): ReceiveError {
  return new ReceiveError(
    'body_too_large',
    `The body is longer than ${maxBytes} bytes, packed or unpacked. Send smaller batches, or raise FAILTRACE_MAX_BODY_BYTES.`,
  );
}
