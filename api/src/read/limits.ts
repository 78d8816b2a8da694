import type { ClickHouseSettings } from '@clickhouse/client';

/**
 * For queries that read a handful of granules, where planning takes longer than reading. One thread
 * is quicker than several, and the older analyzer plans such a query about a tenth sooner. Should a
 * ClickHouse no longer have it, nothing but that tenth is lost.
 */
const quickPlan: ClickHouseSettings = { max_threads: 1, enable_analyzer: 0 };

/**
 * For look-ups by primary key. All columns of their few granules are read in one step. In two, those of
 * the conditions first, a download took 2.46 times a bare query in place of 2.18 to 2.39; and how much
 * the second step reads would depend on rows that the caller may not see.
 */
export const pointLookup: ClickHouseSettings = {
  ...quickPlan,
  optimize_move_to_prewhere: 0,
  max_execution_time: 10,
  max_result_rows: '500000',
  max_result_bytes: '134217728',
};

/** For the list of runs, which reads columns of a time window. */
export const windowScan: ClickHouseSettings = {
  max_threads: 4,
  max_execution_time: 10,
  max_result_rows: '10000',
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

/**
 * How many rows of the runs asked for are read. Sorting costs a point look-up a tenth of its time, so
 * at first `any` will do; only where there are too many of them are the first of each run sorted out:
 * for a record in a list (`summary`), or for the run's own routes (`whole`).
 */
export type RowsWanted = 'any' | Depth;

/** How much is read of a run: what a list shows of it, or what its own routes tell. */
export type Depth = 'summary' | 'whole';

/** So many rows are taken unsorted, of all runs together. */
export const anyRowsLimit = 2000;

/** Of one run, so many spans and so many failures: the newest, and of failures the unhandled first. */
export const rowsOfRunLimit: Record<Depth, number> = { summary: 200, whole: 5000 };

/** So many failures of each trace, and of each namespace in it. */
export const failuresOfTraceLimit = 1000;
