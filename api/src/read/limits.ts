import type { ClickHouseSettings } from '@clickhouse/client';

/**
 * For look-ups by primary key. One thread is quicker here than several: there is a handful of
 * granules to read, and starting threads takes longer than reading them.
 */
export const pointLookup: ClickHouseSettings = {
  max_threads: 1,
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
 * For a stack text. The query lasts as long as the download, so only the waiting for a client
 * that stopped reading is bounded. Small blocks keep the server's memory small as well: a row is
 * up to 64 KiB, and by default a block has 65,000 of them.
 */
export const textStream: ClickHouseSettings = {
  max_threads: 1,
  max_block_size: '16',
  max_execution_time: 0,
  http_send_timeout: 300,
};

/**
 * How the rows of a run are asked for. Sorting costs a point look-up a tenth of its time, so at
 * first any rows will do; only where there are too many of them are the first of each run sorted out.
 */
export type RowsWanted = 'any' | 'first';

/** So many rows are taken unsorted. */
export const anyRowsLimit = 2000;

/** The end of a query for any rows. */
export const anyRows = `LIMIT ${anyRowsLimit}`;
