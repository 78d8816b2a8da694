import type { failureColumns, ReadRow, runSpanColumns } from '@failtrace/collector-plugin/schema';

/** Nanoseconds since the Unix epoch. */
export type Nanoseconds = bigint;

/** Seconds since the Unix epoch. */
export type Seconds = number;

/** One row of `run_spans`: a span that names its run. Ids are lower-case hex, `''` for none. */
export type RunSpanRow = ReadRow<typeof runSpanColumns>;

/**
 * One row of `failures`. Ids and hashes are lower-case hex, `''` for none. `message` are bytes as
 * recorded: they need not be valid UTF-8, and go back into the stack text as they are.
 */
export type FailureRow = ReadRow<typeof failureColumns>;

/** What ClickHouse knows of some runs, before anything is made of it. */
export interface RunRows {
  spans: RunSpanRow[];
  failures: FailureRow[];
  /** Those traces, asked for by their own id, in which spans name a run; and the namespaces of these. */
  namedTraces: ReadonlyMap<string, ReadonlySet<string>>;
  /** Traces of which more failures are stored than were read. */
  cutTraces: ReadonlySet<string>;
  /** Runs of which more traces are stored than were read. */
  cutRuns: ReadonlySet<string>;
  /** Whether there was room for all runs that were asked for; else they are to be asked for in parts. */
  fits: boolean;
}
