import type { DecodedSignals } from '../decode/decoders.ts';
import { extract, type ExtractOptions } from '../extract/extract.ts';
import { extractLogs } from '../extract/extract-logs.ts';
import type { Extracted } from '../extract/failure.ts';
import type { Store } from '../store/store.ts';

/** What is decoded and extracted in its own way; the key of every table about it. */
export type Signal = keyof DecodedSignals;

/** What became of a request. */
export interface Ingested {
  /** How many of its spans or log records could not be kept. */
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
  readonly [S in Signal]: (decoded: DecodedSignals[S], options: ExtractOptions) => Extracted;
} = { traces: extract, logs: extractLogs };

/** @param now milliseconds since the Unix epoch */
export function createIngest(store: Pick<Store, 'write'>, now: () => number = Date.now): Ingest {
  return (signal, decoded, { namespace }) => {
    const extracted = extractors[signal](decoded, { nowMs: now(), namespace });
    const { items: rejected, message } = extracted.rejected;
    return store.write(extracted).then(() => ({ rejected, message }));
  };
}
