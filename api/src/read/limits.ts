import type { ClickHouseSettings } from '@clickhouse/client';
import { STACK_TEXT_CHUNK_BYTES } from '@failtrace/collector-plugin/schema';

/**
 * For queries that read a handful of granules, where planning takes longer than reading: one thread is
 * quicker than several.
 */
const quickPlan: ClickHouseSettings = { max_threads: 1 };

/**
 * For every query where the server stands alone. The older analyzer plans a look-up about a tenth sooner.
 * Should a ClickHouse no longer have it, nothing but that tenth is lost.
 */
export const oneServerReads: ClickHouseSettings = { enable_analyzer: 0 };

/**
 * For every query where the tables are spread over a cluster. Whatever a shard cannot answer is an error:
 * a list must never be shorter because a server is away.
 */
export const clusterReads: ClickHouseSettings = {
  skip_unavailable_shards: 0,
  // All rows of a trace, and the texts that they need, stand on one shard: what a query asks of one table
  // to look into another, each shard answers by itself.
  distributed_product_mode: 'local',
  // The older one would need an alias for every table.
  enable_analyzer: 1,
  // A replica that has not had the last minute's rows yet is as good as away.
  max_replica_delay_for_distributed_queries: '60',
  fallback_to_stale_replicas_for_distributed_queries: 0,
};

const bounded: ClickHouseSettings = {
  max_execution_time: 10,
  max_result_rows: '500000',
  max_result_bytes: '134217728',
};

/**
 * For look-ups by key and by second. All columns of their few granules are read in one step. In two, those of
 * the conditions first, a download took 2.46 times a bare query in place of 2.18 to 2.39; and how much
 * the second step reads would depend on rows that the caller may not see.
 */
export const pointLookup: ClickHouseSettings = {
  ...quickPlan,
  ...bounded,
  optimize_move_to_prewhere: 0,
  // Its tables have some, for lists and searches; to look at them took a fifth of a look-up's time.
  use_skip_indexes: 0,
};

/**
 * For the first rows of runs that have very many. Here the narrow columns are read first, and the wide
 * ones of the granules that are left: 280,000 failures of 8 KiB would otherwise be read in whole.
 */
export const rankedLookup: ClickHouseSettings = { ...quickPlan, ...bounded };

/**
 * For lists and searches, which read a stretch of time, and mostly its first granules alone. Reading the
 * columns of the conditions first would cost more than it saves. Of a rare word the granules lie far apart,
 * and there several threads are quicker.
 */
export const windowScan: ClickHouseSettings = {
  max_threads: 4,
  max_execution_time: 10,
  max_result_rows: '10000',
  optimize_move_to_prewhere: 0,
};

/**
 * For a stack text. The query lasts as long as the download, so its time has no bound. (A client
 * that reads nothing at all is cut off after 30 s, by the server's `http_send_timeout`.) Small blocks
 * keep the server's memory small as well: a row is up to 64 KiB, and by default a block has 65,000.
 */
export const textStream: ClickHouseSettings = {
  ...quickPlan,
  max_block_size: '16',
  max_execution_time: 0,
};

/** How much is read of a run: what a list shows of it, or what its own routes tell. */
export type Depth = 'summary' | 'whole';

/** So many rows are taken unsorted, of all runs that are asked for together. */
export const anyRowsLimit = 2000;

/**
 * So many runs may be asked for by their ids themselves, of up to 1 KiB: ClickHouse takes no parameter of more
 * than 128 KiB. More are asked for in parts where they have more rows than that.
 */
export const MOST_RUNS_RANKED = 125;

/** How many rows are read of runs that have more. */
export interface RowLimits {
  /** Of a trace, and of each namespace in it, so many failures: those not handled first, then the last. */
  failuresOfTrace: number;
  /** Of all traces together, so many failures of each namespace. */
  failuresOfNamespace: number;
  /** Of a run, and of each namespace that names it, so many traces, by their topmost span: the last. */
  tracesOfRun: number;
  /** Of all runs that are asked for together. */
  rows: number;
}

/**
 * Sorting costs a point look-up a tenth of its time, so at first any rows will do. Only where there are
 * too many of them are the first sorted out, and each namespace has a share of its own: no tenant can
 * push the run of another one out by flooding its id, since the shares of two fit into the room of all. At
 * most 80 MB leave ClickHouse for one question.
 */
export const rowLimits: Record<Depth, RowLimits> = {
  summary: { failuresOfTrace: 50, failuresOfNamespace: 2_500, tracesOfRun: 100, rows: 6_000 },
  whole: { failuresOfTrace: 1_000, failuresOfNamespace: 2_500, tracesOfRun: 600, rows: 6_000 },
};

/**
 * So much may be read to tell failures apart by their messages, in bytes: enough for a quarter of a million usual
 * failures. Of traces that have more, all messages of one length that a span has at one moment count as one.
 */
export const MOST_BYTES_OF_MESSAGES = 67_108_864;

/** The failures of so many traces are counted at most. */
export const MOST_COUNTED_TRACES = 100_000;

/** Of the spans that name a run in one trace, so many: the topmost is among them. */
export const spansOfTrace = 4;

/** A record shows so many bytes of its message, which is all of nearly every message. */
export const SHOWN_MESSAGE_BYTES = STACK_TEXT_CHUNK_BYTES;
