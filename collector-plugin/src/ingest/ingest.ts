import type { DecodedSignals, Signal } from '../decode/decoders.ts';
import { extract } from '../extract/extract.ts';
import type { Extracted } from '../extract/failure.ts';
import type { Store } from '../store/store.ts';

/** What became of a request. */
export interface Ingested {
  /** How many of its spans could not be kept. */
  rejected: number;
  /** Why, and what else the sender should know; empty when there is nothing to say. */
  message: string;
}

/** What is known of what was decoded, beside what it says itself. */
export interface Origin {
  /** Overwrites `service.namespace`. */
  namespace?: string | undefined;
}

/**
 * Extracts the failures of what was decoded, by whichever transport or exporter, and stores them.
 * Resolves when ClickHouse has them; the records are encoded, and `decoded` is no longer needed, when
 * the call returns.
 *
 * @throws OverloadedError, StorageUnavailableError
 */
export type Ingest = <S extends Signal>(
  signal: S,
  decoded: DecodedSignals[S],
  origin: Origin,
) => Promise<Ingested>;

/** What of a signal is to be stored. */
const extractors: {
  readonly [S in Signal]: (decoded: DecodedSignals[S], origin: Origin) => Extracted;
} = {
  traces: (decoded, { namespace }) => pinned(extract(decoded), namespace),
};

export function createIngest(store: Pick<Store, 'write'>): Ingest {
  return (signal, decoded, origin) => {
    const extracted = extractors[signal](decoded, origin);
    const { spans: rejected, message } = extracted.rejected;
    return store.write(extracted).then(() => ({ rejected, message }));
  };
}

function pinned(extracted: Extracted, namespace: string | undefined): Extracted {
  if (namespace === undefined) return extracted;
  const bytes = Buffer.from(namespace);
  for (const record of [...extracted.failures, ...extracted.runSpans]) record.namespace = bytes;
  return extracted;
}
