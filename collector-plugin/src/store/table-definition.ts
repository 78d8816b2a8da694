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
  orderBy: string;
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
