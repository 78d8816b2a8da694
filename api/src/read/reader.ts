import type { ClickHouseClient } from '@clickhouse/client';
import { tables } from '@failtrace/collector-plugin/schema';
import { StorageUnavailable } from '../errors.ts';
import { candidateRecords, namedAmongQuery, withoutNamed } from './candidate-records.ts';
import type { CandidateRecord } from './candidate-records.ts';
import { foundFailures, runIdsOf, runsOfTracesQuery } from './found-failures.ts';
import { failureName, firstCandidates } from './candidates.ts';
import type { Candidates, RunFilters, Stretch } from './candidates.ts';
import { firstChunksQuery, messageHeadsQuery } from './first-chunks.ts';
import type { FirstChunk } from './first-chunks.ts';
import { cutRuns, failuresLeftOut, unlessTooHeavy } from './first-rows.ts';
import type { FirstFailures, FirstRows } from './first-rows.ts';
import {
  anyRowsLimit,
  MOST_COUNTED_TRACES,
  MOST_RUNS_RANKED,
  pointLookup,
  rowLimits,
} from './limits.ts';
import type { Depth } from './limits.ts';
import {
  anyRecordsQueries,
  failureCountsQuery,
  firstFailuresQuery,
  firstSpansQuery,
  namedTracesQuery,
} from './records.ts';
import type { FailureIdentity, NamedTrace } from './records.ts';
import { newestRecords } from './newest-records.ts';
import { traceIdsAmong } from './record-places.ts';
import type { RunQuestion } from './record-places.ts';
import { failuresOf, spansOf } from './rows.ts';
import type { FailureRow, RecordRow, RunRows, RunSpanRow } from './rows.ts';
import type { Scope } from './scope.ts';
import { select } from './select.ts';
import type { Select } from './select.ts';
import { storedTextsQueries } from './stored-texts.ts';
import type { NeededText } from './stored-texts.ts';
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
  /** Of these texts those that are stored, by {@link storedTextName}. */
  storedTexts(
    texts: readonly NeededText[],
    scope: Scope,
    signal?: AbortSignal,
  ): Promise<ReadonlySet<string>>;
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
      leftOut: new Map(),
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
    const limits = rowLimits[depth];
    const ask = <Row>(query: Select<Row>) => select(client, query, signal);
    const named = namedTracesQuery(runIds, scope);

    async function firstSpans(): Promise<FirstRows<RunSpanRow>> {
      return { rows: spansOf(await ask(firstSpansQuery(question, scope, depth))), gaveUp: false };
    }
    async function firstFailures(identity: FailureIdentity): Promise<FirstFailures> {
      const [records, counts] = await Promise.all([
        ask(firstFailuresQuery(question, scope, depth, identity)),
        ask(failureCountsQuery(question, scope, identity)),
      ]);
      const rows = failuresOf(records);
      const gaveUp = counts.length >= MOST_COUNTED_TRACES;
      return { rows, leftOut: failuresLeftOut(rows, counts), gaveUp };
    }
    const [spans, failures, namedTraces] = await Promise.all([
      unlessTooHeavy(firstSpans, () => ({ rows: spansOf(any), gaveUp: true })),
      unlessTooHeavy(
        () => firstFailures('exact'),
        () =>
          unlessTooHeavy(
            () => firstFailures('narrow'),
            () => ({ rows: failuresOf(any), leftOut: new Map(), gaveUp: true }),
          ),
      ),
      named ? ask(named) : [],
    ]);
    return {
      spans: spans.rows,
      failures: failures.rows,
      namedTraces: byTrace(namedTraces),
      leftOut: failures.leftOut,
      cutRuns: cutRuns(runIds, spans, failures, limits),
      fits: [spans, failures].every(({ rows }) => rows.length < limits.rows),
    };
  }

  return {
    async runRows(question, scope, depth, signal) {
      // Side by side: what is asked for by trace need not wait for the traces of the runs.
      const parts = await Promise.all(
        anyRecordsQueries(question, scope).map((query) => select(client, query, signal)),
      );
      const any = parts.flat();
      if (parts.every((part) => part.length < anyRowsLimit)) return allRows(question, any);
      if (question.runIds.length > MOST_RUNS_RANKED) {
        return { ...allRows(question, any), fits: false };
      }
      return firstRows(question, any, scope, depth, signal);
    },

    async candidates(filters, scope, stretch, signal) {
      const ask = <Row>(query: Select<Row>) => select(client, query, signal);
      if (filters.q !== '') {
        const kind = foundFailures(filters);
        const found = kind
          ? await newestRecords(ask, kind, scope, stretch)
          : { rows: [], floor: undefined };
        const { runIds: traceIds, floor } = firstCandidates(found, stretch);
        const runs = traceIds.length > 0 ? await ask(runsOfTracesQuery(traceIds, scope)) : [];
        return {
          runIds: runIdsOf(traceIds, runs),
          traceIds,
          floor,
          found: new Set(found.rows.map(failureName)),
        };
      }
      const newest = await newestRecords(ask, candidateRecords(filters), scope, stretch);
      const rows = await withoutFailuresOfNamed(newest.rows, async (failures) => {
        const query = namedAmongQuery(failures, scope);
        return query ? ask(query) : [];
      });
      const { runIds, floor } = firstCandidates({ ...newest, rows }, stretch);
      const chosen = new Set(runIds);
      const traceIds = rows.filter(({ runId }) => chosen.has(runId)).map(({ traceId }) => traceId);
      return { runIds, traceIds: [...new Set(traceIds)], floor };
    },

    async firstChunks(question, scope, signal) {
      return byHash(await select(client, firstChunksQuery(question, scope), signal));
    },

    async storedTexts(texts, scope, signal) {
      const queries = storedTextsQueries(texts, scope);
      const parts = await Promise.all(queries.map((query) => select(client, query, signal)));
      return new Set(parts.flat());
    },

    async messageHeads(failures, scope, signal) {
      if (failures.length === 0) return new Map();
      return byHash(await select(client, messageHeadsQuery(failures, scope), signal));
    },

    stackText: (ref, scope, signal) => readStackText(client, ref, scope, signal),

    ready: () => requireTables(client),
  };
}

/** So few failures cost less when they are put together in vain than when they are asked about first. */
const fewFailures = 5;

/** Leaves out the failures of a trace that names a run, which is listed under its own name. */
async function withoutFailuresOfNamed(
  records: readonly CandidateRecord[],
  askWhichAreNamed: (failures: readonly CandidateRecord[]) => Promise<string[]>,
): Promise<CandidateRecord[]> {
  const naming = records.filter(({ namesRun }) => namesRun).map(({ traceId }) => traceId);
  const left = withoutNamed(records, new Set(naming));
  const failures = left.filter(({ namesRun }) => !namesRun);
  if (failures.length <= fewFailures) return left;
  return withoutNamed(left, new Set(await askWhichAreNamed(failures)));
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
