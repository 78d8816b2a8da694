import type { ClickHouseClient } from '@clickhouse/client';
import { tables } from '@failtrace/collector-plugin/schema';
import { StorageUnavailable } from '../errors.ts';
import { candidateFailuresQuery } from './candidate-failures.ts';
import { candidateSpansQuery, toCandidateRows } from './candidate-spans.ts';
import { mergeCandidates } from './candidates.ts';
import type { Candidates, RunFilters, Stretch } from './candidates.ts';
import { anyFailuresQuery, firstFailuresQuery } from './failures.ts';
import { firstChunksQuery, messageHeadsQuery } from './first-chunks.ts';
import type { FirstChunk } from './first-chunks.ts';
import { anyOrFirst, cutRuns, fullTraces } from './first-rows.ts';
import { idBatches } from './id-batches.ts';
import { pointLookup, rowLimits } from './limits.ts';
import type { Depth } from './limits.ts';
import { namedTracesQuery } from './named-traces.ts';
import type { NamedTrace } from './named-traces.ts';
import type { FailureRow, RunRows } from './rows.ts';
import { anyRunSpansQuery, firstRunSpansQuery } from './run-spans.ts';
import type { Scope } from './scope.ts';
import { select } from './select.ts';
import type { Select } from './select.ts';
import { readStackText } from './stack-text.ts';
import type { StackTextRef } from './stack-text.ts';
import type { RunQuestion } from './traces-of-runs.ts';

/**
 * All that the API asks of ClickHouse. Every method that reads takes the scope of its caller, and sees
 * nothing outside of it; rejects with a `StorageUnavailable` where ClickHouse does not answer as it
 * should; and ends its query when the signal is aborted.
 */
export interface Reader {
  /**
   * The rows of some runs. Of one that has more rows than may be read, the first: see `rowLimits`.
   */
  runRows(
    question: RunQuestion,
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
    question: RunQuestion,
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
    question: RunQuestion,
    scope: Scope,
    depth: Depth,
    signal: AbortSignal | undefined,
  ): Promise<RunRows> {
    const { runIds } = question;
    const ask = <Row>(query: Select<Row>) => select(client, query, signal);
    const named = namedTracesQuery(runIds, scope);
    // Side by side, not as one UNION: two small plans on two cores answer sooner than a large one.
    const [spans, failures, namedTraces] = await Promise.all([
      anyOrFirst(
        () => ask(anyRunSpansQuery(runIds, scope)),
        () => ask(firstRunSpansQuery(question, scope, depth)),
      ),
      anyOrFirst(
        () => ask(anyFailuresQuery(runIds, scope)),
        () => ask(firstFailuresQuery(question, scope, depth)),
      ),
      named ? ask(named) : [],
    ]);
    const limits = rowLimits[depth];
    return {
      spans: spans.rows,
      failures: failures.rows,
      namedTraces: byTrace(namedTraces),
      cutTraces: spans.sorted || failures.sorted ? fullTraces(failures.rows, limits) : new Set(),
      cutRuns: cutRuns(runIds, spans, failures, limits),
      fits: [spans, failures].every(({ rows, sorted }) => !sorted || rows.length < limits.rows),
    };
  }

  return {
    async runRows({ runIds, namespace }, scope, depth, signal) {
      const parts: RunRows[] = [];
      for (const batch of idBatches(runIds)) {
        parts.push(await rowsOfBatch({ runIds: batch, namespace }, scope, depth, signal));
      }
      return {
        spans: parts.flatMap(({ spans }) => spans),
        failures: parts.flatMap(({ failures }) => failures),
        namedTraces: new Map(parts.flatMap(({ namedTraces }) => [...namedTraces])),
        cutTraces: new Set(parts.flatMap(({ cutTraces }) => [...cutTraces])),
        cutRuns: new Set(parts.flatMap((part) => [...part.cutRuns])),
        fits: parts.every(({ fits }) => fits),
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

    async firstChunks(question, scope, signal) {
      return byHash(await select(client, firstChunksQuery(question, scope), signal));
    },

    async messageHeads(failures, scope, signal) {
      if (failures.length === 0) return new Map();
      return byHash(await select(client, messageHeadsQuery(failures, scope), signal));
    },

    stackText: (ref, scope, signal) => readStackText(client, ref, scope, signal),

    ready: () => requireTables(client),
  };
}

function byHash(chunks: readonly FirstChunk[]): Map<string, Uint8Array> {
  return new Map(chunks.map(({ textHash, content }) => [textHash, content]));
}

function byTrace(named: readonly NamedTrace[]): Map<string, Set<string>> {
  const traces = Map.groupBy(named, ({ traceId }) => traceId);
  return new Map(
    [...traces].map(([id, of]) => [id, new Set(of.map(({ namespace }) => namespace))]),
  );
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
