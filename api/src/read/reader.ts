import type { ClickHouseClient } from '@clickhouse/client';
import { tables } from '@failtrace/collector-plugin/schema';
import { StorageUnavailable } from '../errors.ts';
import { candidateFailuresQuery } from './candidate-failures.ts';
import { candidateSpansQuery, toCandidateRows } from './candidate-spans.ts';
import { mergeCandidates } from './candidates.ts';
import type { Candidates, RunFilters, Stretch } from './candidates.ts';
import { failuresQuery } from './failures.ts';
import { firstChunksQuery, messageHeadsQuery } from './first-chunks.ts';
import { idBatches } from './id-batches.ts';
import { anyRowsLimit, failuresOfTraceLimit, pointLookup, rowsOfRunLimit } from './limits.ts';
import type { Depth, RowsWanted } from './limits.ts';
import { namedTracesQuery } from './named-traces.ts';
import type { FailureRow, RunRows } from './rows.ts';
import { runSpansQuery } from './run-spans.ts';
import type { Scope } from './scope.ts';
import { select } from './select.ts';
import { readStackText } from './stack-text.ts';
import type { StackTextRef } from './stack-text.ts';

/**
 * All that the API asks of ClickHouse. Every method that reads takes the scope of its caller, and sees
 * nothing outside of it; rejects with a `StorageUnavailable` where ClickHouse does not answer as it
 * should; and ends its query when the signal is aborted.
 */
export interface Reader {
  /**
   * The rows of some runs. Where there are more than may be read, `complete` is false and those that are
   * there are the first of each run (of one run asked for alone), or of any (of several).
   */
  runRows(
    runIds: readonly string[],
    scope: Scope,
    depth: Depth,
    signal?: AbortSignal,
  ): Promise<RunRows>;
  /** The runs that may belong on a stretch of the list. */
  candidates(
    filters: RunFilters,
    scope: Scope,
    stretch: Stretch,
    signal?: AbortSignal,
  ): Promise<Candidates>;
  /**
   * The beginnings of a run's stored texts, by hash, for reading ahead. There may be more texts than
   * these.
   */
  firstChunks(
    runId: string,
    scope: Scope,
    signal?: AbortSignal,
  ): Promise<ReadonlyMap<string, Uint8Array>>;
  /** The first 64 KiB of the long messages of these failures, by their hash. */
  messageHeads(
    failures: readonly FailureRow[],
    scope: Scope,
    signal?: AbortSignal,
  ): Promise<ReadonlyMap<string, Uint8Array>>;
  /** A stored text; see {@link readStackText}. */
  stackText(
    ref: StackTextRef,
    scope: Scope,
    signal?: AbortSignal,
  ): AsyncGenerator<Uint8Array, void, undefined>;
  /** Resolves when ClickHouse answers and the tables are there. Reads no data, so it knows no scope. */
  ready(): Promise<void>;
}

/**
 * Builds the reader over a client whose `database` holds the tables. It only ever reads, and
 * leaves closing the client to whoever made it.
 */
export function createReader(client: ClickHouseClient): Reader {
  async function rowsOfBatch(
    runIds: readonly string[],
    scope: Scope,
    depth: Depth,
    signal: AbortSignal | undefined,
  ): Promise<RunRows> {
    const named = namedTracesQuery(runIds, scope);
    // Of several runs together the first rows would be those of one of them; they are asked for singly.
    const then = runIds.length === 1 ? depth : undefined;
    // Side by side, not as one UNION: two small plans on two cores answer sooner than a large one.
    const [spans, failures, namedTraces] = await Promise.all([
      firstRows(then, (wanted) => select(client, runSpansQuery(runIds, scope, wanted), signal)),
      firstRows(then, (wanted) => select(client, failuresQuery(runIds, scope, wanted), signal)),
      named ? select(client, named, signal) : [],
    ]);
    return {
      spans: spans.rows,
      failures: failures.rows,
      namedTraces: new Set(namedTraces),
      complete: spans.complete && failures.complete,
    };
  }

  return {
    async runRows(runIds, scope, depth, signal) {
      const parts: RunRows[] = [];
      for (const batch of idBatches(runIds)) {
        parts.push(await rowsOfBatch(batch, scope, depth, signal));
      }
      return {
        spans: parts.flatMap(({ spans }) => spans),
        failures: parts.flatMap(({ failures }) => failures),
        namedTraces: new Set(parts.flatMap(({ namedTraces }) => [...namedTraces])),
        complete: parts.every(({ complete }) => complete),
      };
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

    async firstChunks(runId, scope, signal) {
      const chunks = await select(client, firstChunksQuery(runId, scope), signal);
      return new Map(chunks.map(({ textHash, content }) => [textHash, content]));
    },

    async messageHeads(failures, scope, signal) {
      if (failures.length === 0) return new Map();
      const chunks = await select(client, messageHeadsQuery(failures, scope), signal);
      return new Map(chunks.map(({ textHash, content }) => [textHash, content]));
    },

    stackText: (ref, scope, signal) => readStackText(client, ref, scope, signal),

    ready: () => requireTables(client),
  };
}

/** Any rows, where they are all there are; else the first ones, and whether those are all after all. */
async function firstRows<Row extends { traceId: string; namespace: string }>(
  depth: Depth | undefined,
  ask: (wanted: RowsWanted) => Promise<Row[]>,
): Promise<{ rows: Row[]; complete: boolean }> {
  const any = await ask('any');
  if (any.length < anyRowsLimit) return { rows: any, complete: true };
  if (!depth) return { rows: any, complete: false };
  const rows = await ask(depth);
  return { rows, complete: rows.length < rowsOfRunLimit[depth] && !hasFullTrace(rows) };
}

/** Whether of some trace as many rows came as may come at all, so that more may be there. */
function hasFullTrace(rows: readonly { traceId: string; namespace: string }[]): boolean {
  const counts = new Map<string, number>();
  for (const { traceId, namespace } of rows) {
    const key = `${traceId} ${namespace}`;
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  return [...counts.values()].some((count) => count >= failuresOfTraceLimit);
}

/** @throws StorageUnavailable ClickHouse does not answer, or its tables are not there */
async function requireTables(client: ClickHouseClient): Promise<void> {
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
}
