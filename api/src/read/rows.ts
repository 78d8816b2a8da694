import type { ReadRow, recordColumns } from '@failtrace/collector-plugin/schema';

/** Nanoseconds since the Unix epoch. */
export type Nanoseconds = bigint;

/** Seconds since the Unix epoch. */
export type Seconds = number;

/** One row of `run_records`. */
export type RecordRow = ReadRow<typeof recordColumns>;

/** A span that names its run. Ids are lower-case hex, `''` for none. */
export interface RunSpanRow extends Pick<
  RecordRow,
  | 'traceId'
  | 'spanId'
  | 'parentSpanId'
  | 'namespace'
  | 'service'
  | 'spanName'
  | 'status'
  | 'expiresAt'
> {
  /** That which the span names; the id of its trace where it names none. */
  runId: string;
  startedAt: Nanoseconds;
  endedAt: Nanoseconds;
}

/**
 * A recorded failure. Ids and hashes are lower-case hex, `''` for none. `message` are bytes as
 * recorded: they need not be valid UTF-8, and go back into the stack text as they are.
 */
export interface FailureRow extends Omit<
  RecordRow,
  'at' | 'endedBefore' | 'startedBefore' | 'occurredBefore' | 'namesRun' | 'droppedAt' | 'source'
> {
  source: Exclude<RecordRow['source'], 'none'>;
  spanStartedAt: Nanoseconds;
  spanEndedAt: Nanoseconds;
  occurredAt: Nanoseconds;
}

/** Where a failure stands in the order of time: at the end of its span, or at its own moment if later. */
export function momentOf({ spanEndedAt, occurredAt }: FailureRow): Nanoseconds {
  return occurredAt > spanEndedAt ? occurredAt : spanEndedAt;
}

/** What ClickHouse knows of some runs, before anything is made of it. */
export interface RunRows {
  spans: RunSpanRow[];
  failures: FailureRow[];
  /** Those traces, asked for by their own id, in which spans name a run; and the namespaces of these. */
  namedTraces: ReadonlyMap<string, ReadonlySet<string>>;
  /** Of each trace of which more failures are stored than were read, how many more. */
  leftOut: ReadonlyMap<string, number>;
  /** Runs of which more is stored than was read, such as traces, and nobody knows how much. */
  cutRuns: ReadonlySet<string>;
  /** Whether there was room for all runs that were asked for; else they are to be asked for in parts. */
  fits: boolean;
}

/** The spans that some records speak for. */
export function spansOf(records: readonly RecordRow[]): RunSpanRow[] {
  return records.filter(({ namesRun }) => namesRun).map(spanOf);
}

function spanOf(record: RecordRow): RunSpanRow {
  const { traceId, spanId, parentSpanId, namespace, service, spanName, status, expiresAt } = record;
  return {
    runId: record.runId || traceId,
    traceId,
    spanId,
    parentSpanId,
    namespace,
    service,
    spanName,
    startedAt: record.at - record.startedBefore,
    endedAt: record.at - record.endedBefore,
    status,
    expiresAt,
  };
}

/** The failures among some records. */
export function failuresOf(records: readonly RecordRow[]): FailureRow[] {
  return records.flatMap((record) => {
    const { at, endedBefore, startedBefore, occurredBefore, source, ...rest } = record;
    if (source === 'none') return [];
    return {
      ...rest,
      source,
      spanStartedAt: at - startedBefore,
      spanEndedAt: at - endedBefore,
      occurredAt: at - occurredBefore,
    };
  });
}
