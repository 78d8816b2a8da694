import type { ClickHouseClient } from '@clickhouse/client';
import type { ClickHouseAddress } from '@failtrace/contract/server';
import { createReadClient } from './clickhouse-client.ts';
import { StorageUnavailable } from './errors.ts';
import { createReader, type Reader } from './read/reader.ts';

/** A reader whose ClickHouse comes and goes, for an API that listens all the while. */
export interface LateReader {
  /** Says `storage_unavailable`, with the reason, while there is no server. */
  reader: Reader;
  /** Reads there from now on. */
  connect(address: ClickHouseAddress): void;
  /** Nothing is asked of that server any more. @param why what callers and `/readyz` are told */
  disconnect(why: string): Promise<void>;
}

/** @param why what callers are told until there is a server */
export function createLateReader(why: string): LateReader {
  let reason = why;
  let current: { reader: Reader; client: ClickHouseClient } | undefined;
  const now = (): Reader => {
    if (current) return current.reader;
    throw new StorageUnavailable(`${reason} Try again later.`);
  };
  return {
    reader: {
      runRows: async (...asked) => now().runRows(...asked),
      candidates: async (...asked) => now().candidates(...asked),
      firstChunks: async (...asked) => now().firstChunks(...asked),
      storedTexts: async (...asked) => now().storedTexts(...asked),
      messageHeads: async (...asked) => now().messageHeads(...asked),
      async *stackText(...asked) {
        yield* now().stackText(...asked);
      },
      ready: async () => now().ready(),
    },
    connect(address) {
      const client = createReadClient(address);
      current = { reader: createReader(client), client };
    },
    async disconnect(because) {
      reason = because;
      const left = current;
      current = undefined;
      await left?.client.close();
    },
  };
}
