import type { ClickHouseClient } from '@clickhouse/client';
import { tables } from '@failtrace/collector-plugin/schema';
import { StorageUnavailable } from '../errors.ts';
import { candidateFailures, namedAmongQuery } from './candidate-failures.ts';
import { foundFailures, runIdsOf, runsOfTracesQuery } from './found-failures.ts';
import { candidateSpans } from './candidate-spans.ts';
import { failureName, mergeCandidates } from './candidates.ts';
import type { Candidates, RowPosition, RunFilters, Stretch } from './candidates.ts';
import { firstChunksQuery, messageHeadsQuery } from './first-chunks.ts';
import type { FirstChunk } from './first-chunks.ts';
import { cutRuns, firstOr, fullTraces } from './first-rows.ts';
import { anyRowsLimit, pointLookup, rowLimits } from './limits.ts';
import type { Depth } from './limits.ts';
import {
  anyRecordsQuery,
  firstFailuresQuery,
  firstSpansQuery,
  namedTracesQuery,
} from './records.ts';
import type { NamedTrace } from './records.ts';
import { newestRecords } from './newest-records.ts';
import type { RecordKind } from './newest-records.ts';
import { traceIdsAmong } from './record-places.ts';
import type { RunQuestion } from './record-places.ts';
import { failuresOf, spansOf } from './rows.ts';
import type { FailureRow, RecordRow, RunRows } from './rows.ts';
import type { Scope } from './scope.ts';
import { select } from './select.ts';
import type { Select } from './select.ts';
import { readStackText } from './stack-text.ts';
import type { StackTextRef } from './stack-text.ts';

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
  function allRows(question: RunQuestion, records: readonly RecordRow[]): RunRows {
    const asked = new Set(traceIdsAmong(question.runIds));
    const naming = records.filter(
      ({ namesRun, runId, traceId }) => namesRun && runId !== '' && asked.has(traceId),
    );
    return {
      spans: spansOf(records),
      failures: failuresOf(records),
      namedTraces: byTrace(naming),
      cutTraces: new Set(),
      cutRuns: new Set(),
      fits: true,
    };
  }

  async function firstRows(
    question: RunQuestion,
    any: readonly RecordRow[],
    scope: Scope,
    depth: Depth,
    signal: AbortSignal | undefined,
  ): Promise<RunRows> {
    const { runIds } = question;
    const ask = <Row>(query: Select<Row>) => select(client, query, signal);
    const named = namedTracesQuery(runIds, scope);
    const [spans, failures, namedTraces] = await Promise.all([
      firstOr(spansOf(any), async () =>
        spansOf(await ask(firstSpansQuery(question, scope, depth))),
      ),
      firstOr(failuresOf(any), async () =>
        failuresOf(await ask(firstFailuresQuery(question, scope, depth))),
      ),
      named ? ask(named) : [],
    ]);
    const limits = rowLimits[depth];
    return {
      spans: spans.rows,
      failures: failures.rows,
      namedTraces: byTrace(namedTraces),
      cutTraces: fullTraces(failures.rows, limits),
      cutRuns: cutRuns(runIds, spans, failures, limits),
      fits: [spans, failures].every(({ rows }) => rows.length < limits.rows),
    };
  }

  return {
    async runRows(question, scope, depth, signal) {
      const any = await select(client, anyRecordsQuery(question.runIds, scope), signal);
      return any.length < anyRowsLimit
        ? allRows(question, any)
        : firstRows(question, any, scope, depth, signal);
    },

    async candidates(filters, scope, stretch, signal) {
      const ask = <Row>(query: Select<Row>) => select(client, query, signal);
      const newest = <Row extends RowPosition>(kind: RecordKind<Row> | undefined) =>
        kind ? newestRecords(ask<Row>, kind, scope, stretch) : { rows: [], floor: undefined };
      if (filters.q !== '') {
        const found = await newest(foundFailures(filters));
        const { runIds: traceIds, floor } = mergeCandidates([found], stretch);
        const runs = traceIds.length > 0 ? await ask(runsOfTracesQuery(traceIds, scope)) : [];
        return {
          runIds: runIdsOf(traceIds, runs),
          floor,
          found: new Set(found.rows.map(failureName)),
        };
      }
      const [spans, failures] = await Promise.all([
        newest(candidateSpans(filters)),
        newest(candidateFailures(filters)),
      ]);
      const whichAreNamed = namedAmongQuery(failures.rows, scope);
      const named = new Set(whichAreNamed ? await ask(whichAreNamed) : []);
      const alone = failures.rows.filter(({ runId }) => !named.has(runId));
      return mergeCandidates([spans, { ...failures, rows: alone }], stretch);
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

/** A ClickHouse that takes longer, in milliseconds, to say which tables it has hangs. */
const READY_MS = 2_000;

/** @throws StorageUnavailable ClickHouse does not answer, or its tables are not there */
async function requireTables(client: ClickHouseClient): Promise<void> {
  const needed: string[] = [tables.runRecords, tables.recordKeys, tables.stackTexts];
  const found = await select(
    client,
    {
      sql: `SELECT name FROM system.tables
        WHERE database = currentDatabase() AND name IN {names:Array(String)}`,
      params: { names: needed },
      settings: pointLookup,
      decode: (row) => row.string(),
    },
    AbortSignal.timeout(READY_MS),
  );
  const missing = needed.filter((name) => !found.includes(name));
  if (missing.length > 0) {
    throw new StorageUnavailable(`The database has no table ${missing.join(', ')} yet.`);
  }
}
