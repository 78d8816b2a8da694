import type { DecodeOptions } from '../decode/decode-options.ts';
import { decoders } from '../decode/decoders.ts';
import { BodyTooLargeError, OverloadedError } from '../errors.ts';
import type { Ingest, Ingested } from '../ingest/ingest.ts';
import type { BufferBudget } from './buffer-budget.ts';
import { free } from './free.ts';
import type { PackedBody, ProcessBody } from './packed-body.ts';
import { partsOf, unpack } from './unpack.ts';

export interface ProcessBodyOptions {
  ingest: Ingest;
  decodeOptions: DecodeOptions;
  /** No body may be longer, unpacked. */
  maxBodyBytes: number;
  budget: BufferBudget;
  /** Whether the store would refuse whatever comes out. */
  isStoreFull: () => boolean;
}

/**
 * What happens to a body behind the transport, in the thread that calls it: all but the wait for
 * ClickHouse at once, one body after the other.
 */
export function createBodyProcessor(options: ProcessBodyOptions): ProcessBody {
  return (packed) => {
    try {
      const { ingested, heldBytes } = startOn(packed, options);
      return ingested.finally(() => options.budget.release(heldBytes));
    } catch (error) {
      return Promise.reject(error);
    }
  };
}

/**
 * A function of its own, and none that waits: when it returns, nothing refers to the body any more,
 * since the rows are encoded. What was unpacked still counts until the request is answered.
 */
function startOn(
  { signal, contentCoding, messageEncoding, chunks, namespace }: PackedBody,
  { ingest, decodeOptions, maxBodyBytes, budget, isStoreFull }: ProcessBodyOptions,
): { ingested: Promise<Ingested>; heldBytes: number } {
  if (isStoreFull()) throw noRoom();
  const packed = joined(chunks);
  const body = unpackWithin(packed, contentCoding, maxBodyBytes, budget);
  const heldBytes = body === packed ? 0 : body.length;
  try {
    const decoded = decoders[signal][messageEncoding](body, decodeOptions);
    return { ingested: ingest(signal, decoded, { namespace }), heldBytes };
  } catch (error) {
    budget.release(heldBytes);
    throw error;
  } finally {
    free(body);
    free(packed);
  }
}

function joined(chunks: PackedBody['chunks']): Buffer {
  const [only] = chunks;
  if (chunks.length === 1 && only) {
    return Buffer.from(only.buffer, only.byteOffset, only.byteLength);
  }
  const whole = Buffer.concat(chunks);
  for (const chunk of chunks) free(chunk);
  return whole;
}

/**
 * Unpacks into room that was held before, since other threads unpack at the same moment: what the body says it
 * needs, and where it is more after all, as of gzip in several parts, what it may be.
 */
function unpackWithin(
  packed: Buffer,
  contentCoding: PackedBody['contentCoding'],
  maxBodyBytes: number,
  budget: BufferBudget,
): Buffer {
  if (contentCoding === 'identity') return packed;
  const parts = partsOf(contentCoding, packed);
  const statedBytes = parts.reduce((sum, part) => sum + part.statedBytes, 0);
  for (const room of new Set([Math.min(statedBytes, maxBodyBytes), maxBodyBytes])) {
    if (!budget.hold(room)) throw noRoom();
    let heldBytes = 0;
    try {
      const body = unpack(contentCoding, packed, parts, room);
      heldBytes = body?.length ?? 0;
      if (body) return body;
    } finally {
      budget.release(room - heldBytes);
    }
  }
  throw new BodyTooLargeError(maxBodyBytes);
}

function noRoom(): OverloadedError {
  return new OverloadedError('Too much is being unpacked and stored. Try again later.');
}
