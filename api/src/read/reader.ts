import type { ClickHouseClient } from '@clickhouse/client';
import { tables } from '@failtrace/collector-plugin/schema';
import { StorageUnavailable } from '../errors.ts';
import { candidateFailuresQuery } from './candidate-failures.ts';
import { candidateSpansQuery, toCandidateRows } from './candidate-spans.ts';
import { mergeCandidates } from './candidates.ts';
import type { Candidates, RunFilters, Stretch } from './candidates.ts';
import { failuresQuery } from './failures.ts';
import { firstChunksQuery } from './first-chunks.ts';
import { idBatches } from './id-batches.ts';
import { anyRowsLimit, pointLookup } from './limits.ts';
import type { RowsWanted } from './limits.ts';
import type { RunRows } from './rows.ts';
import { runSpansQuery } from './run-spans.ts';
import type { Scope } from './scope.ts';
import { select } from './select.ts';
import { readStackText } from './stack-text.ts';
import type { StackTextRef } from './stack-text.ts';

/**
 * All that the API asks of ClickHouse. Every method rejects with a `StorageUnavailable` where
 * ClickHouse does not answer as it should, and ends its query when the signal is aborted.
 */
export interface Reader {
  /**
   * The rows of some runs, as far as the scope goes.
   *
   * @throws PayloadTooLarge the rows of a batch take more than 128 MiB
   */
  runRows(runIds: readonly string[], scope: Scope, signal?: AbortSignal): Promise<RunRows>;
  /** The runs that may belong on a stretch of the list, as far as the scope goes. */
  candidates(
    filters: RunFilters,
    scope: Scope,
    stretch: Stretch,
    signal?: AbortSignal,
  ): Promise<Candidates>;
  /**
   * The beginnings of a run's stored texts, by hash, for reading ahead. There may be more texts than
   * these. Whoever uses one must have its failure from `runRows`, which heeds the scope.
   */
  firstChunks(runId: string, signal?: AbortSignal): Promise<ReadonlyMap<string, Uint8Array>>;
  /** The stored bytes of a stack text, without its message; see {@link readStackText}. */
  stackText(ref: StackTextRef, signal?: AbortSignal): AsyncGenerator<Uint8Array, void, undefined>;
  /** Resolves when ClickHouse answers and the tables are there. */
  ready(): Promise<void>;
}

/**
 * Builds the reader over a client whose `database` holds the tables. It only ever reads, and
 * leaves closing the client to whoever made it.
 */
export function createReader(client: ClickHouseClient): Reader {
  return {
    async runRows(runIds, scope, signal) {
      const rows: RunRows = { spans: [], failures: [] };
      for (const batch of idBatches(runIds)) {
        // Side by side, not as one UNION: two small plans on two cores answer sooner than a large one.
        const [spans, failures] = await Promise.all([
          rowsOf((wanted) => select(client, runSpansQuery(batch, scope, wanted), signal)),
          rowsOf((wanted) => select(client, failuresQuery(batch, scope, wanted), signal)),
        ]);
        rows.spans = rows.spans.concat(spans);
        rows.failures = rows.failures.concat(failures);
      }
      return rows;
    },

    async candidates(filters, scope, stretch, signal) {
      const spans = candidateSpansQuery(filters, scope, stretch);
      const failures = candidateFailuresQuery(filters, scope, stretch);
      const sources = await Promise.all([
        spans ? select(client, spans, signal).then((rows) => [toCandidateRows(rows)]) : [],
        failures ? select(client, failures, signal) : [],
      ]);
      return mergeCandidates(sources.flat(), stretch);
    },

    async firstChunks(runId, signal) {
      const chunks = await select(client, firstChunksQuery(runId), signal);
      return new Map(chunks.map(({ textHash, content }) => [textHash, content]));
    },

    stackText: (ref, signal) => readStackText(client, ref, signal),

    async ready() {
      const needed: string[] = [tables.failures, tables.stackTexts, tables.runSpans];
      const found = await select(
        client,
        {
          sql: `SELECT name FROM system.tables
            WHERE database = currentDatabase() AND name IN {names:Array(String)}`,
          params: { names: needed },
          settings: pointLookup,
          decode: (row) => row.string(),
        },
        undefined,
      );
      const missing = needed.filter((name) => !found.includes(name));
      if (missing.length > 0) {
        throw new StorageUnavailable(`The database has no table ${missing.join(', ')} yet.`);
      }
    },
  };
}

async function rowsOf<Row>(ask: (wanted: RowsWanted) => Promise<Row[]>): Promise<Row[]> {
  const rows = await ask('any');
  return rows.length < anyRowsLimit ? rows : ask('first');
}
