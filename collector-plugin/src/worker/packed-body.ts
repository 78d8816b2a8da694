import type { MessageEncoding } from '../decode/decoders.ts';
import type { Ingested, Signal } from '../ingest/ingest.ts';
import type { ContentCoding } from './unpack.ts';

/** A request's body as it arrived, and what its transport knows of it. */
export interface PackedBody {
  signal: Signal;
  contentCoding: ContentCoding;
  messageEncoding: MessageEncoding;
  /** The bytes, in the pieces in which they came. */
  chunks: readonly Uint8Array<ArrayBuffer>[];
  /** Overwrites `service.namespace` of all that the body holds. */
  namespace?: string | undefined;
}

/**
 * Unpacks, decodes and stores a body; resolves when ClickHouse has what it holds.
 *
 * @throws ReceiveError
 */
export type ProcessBody = (body: PackedBody) => Promise<Ingested>;
