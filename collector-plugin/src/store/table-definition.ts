/** A table, written once: from this follow the statements for one server and those for a cluster. */
export interface TableDefinition {
  /** The name that readers and writers use, unqualified. */
  name: string;
  /** The columns as `CREATE TABLE` wants them. */
  columns: string;
  /** Indices and projections, each as `CREATE TABLE` wants it. */
  indices?: readonly string[];
  /** An engine of the MergeTree family, as it is called where nothing is replicated. */
  engine: 'MergeTree' | 'ReplacingMergeTree';
  /**
   * What rows are sorted by. Of a `ReplacingMergeTree`, rows in one partition that are the same in all of it are one row:
   * when parts are merged, one of them is kept.
   */
  orderBy: string;
  /** The first of `orderBy`, by which granules are found; all of it by default. */
  primaryKey?: string;
  /** Of a `ReplacingMergeTree`: of rows that are one, that with the greatest value is kept; by default the last written. */
  version?: string;
  /** All rows in one partition by default. */
  partitionBy?: string;
  ttl: string;
  /** Settings of the engine, such as `index_granularity = 256`. */
  settings: string;
  /**
   * An expression over the columns: in a cluster, rows of which it has the same value stand on the same
   * shard. `null` where the writer names the shard, as only it knows what the rows belong to.
   */
  sharding: string | null;
}
