import { tables } from '@failtrace/collector-plugin/schema';
import type { RowBinaryCursor } from '@failtrace/collector-plugin/schema';
import type { RunStatus } from '@failtrace/contract';
import { belowPlace, placeParams } from './candidates.ts';
import type { CandidateRows, RowPosition, RunFilters, Stretch } from './candidates.ts';
import { filterCondition, filterParams, tracesWithText } from './filters.ts';
import { windowScan } from './limits.ts';
import { scopeCondition, scopeParams } from './scope.ts';
import type { Scope } from './scope.ts';
import type { Select } from './select.ts';

/** What must be known of a run that is listed for its failures alone. */
const handled: Record<RunStatus, readonly boolean[]> = {
  failed: [false],
  ok: [],
  unknown: [true],
};

/** Most traces do name their run, so many failures are read to find the few that stand alone. */
const rowsAtOnce = 2000;

// Whether a span names the run of such a trace is looked up for these failures alone, and around
// their own time. A root span can end much later than a failure below it, hence the day. What has
// only just failed is left out, because its root span is most probably still on its way.
const sql = (filters: RunFilters, scope: Scope) => `
  WITH newest AS (
    SELECT trace_id, greatest(span_ended_at, occurred_at) AS at
    FROM ${tables.failures}
    WHERE at >= fromUnixTimestamp64Nano({from:Int64}, 'UTC')
      AND at <= now64(9) - INTERVAL 10 SECOND
      AND ${belowPlace('at', 'lower(hex(trace_id))')}
      AND expires_at > now()
      AND run_id = ''
      AND has({handled:Array(Bool)}, handled)
      AND ${filterCondition(filters)}
      AND ${scopeCondition(scope)}
      AND ${filters.q === '' ? 'true' : containsText(scope)}
    ORDER BY at DESC, trace_id DESC
    LIMIT {limit:UInt32}
  )
  SELECT
    count(),
    toUnixTimestamp64Nano(min(at)),
    lower(hex(argMin(trace_id, (at, trace_id)))),
    groupArrayIf(
      (lower(hex(trace_id)), toUnixTimestamp64Nano(at)),
      trace_id NOT IN (
        SELECT trace_id
        FROM ${tables.runSpans}
        WHERE ${scopeCondition(scope)}
          AND ended_at >= fromUnixTimestamp64Nano({from:Int64}, 'UTC') - INTERVAL 1 HOUR
          AND ended_at <= fromUnixTimestamp64Nano({to_root:Int64}, 'UTC')
          AND trace_id IN (SELECT trace_id FROM newest)
      )
    )
  FROM newest`;

// By trace: the failure that has the words need not be the one that says where the run stands in the list.
const containsText = (scope: Scope) => `(
  positionCaseInsensitiveUTF8(lower(hex(trace_id)), {q:String}) > 0
  OR trace_id IN (${tracesWithText(scope, `run_id = ''`)})
)`;

const day = 86_400_000_000_000n;
const endOfTime = 9_223_372_036_000_000_000n;

/**
 * The newest failures of traces that name no run, and in which no span is known that does: such
 * a trace is a run of its own. Undefined where no run of the wanted statuses can be one.
 */
export function candidateFailuresQuery(
  filters: RunFilters,
  scope: Scope,
  stretch: Stretch,
): Select<CandidateRows> | undefined {
  const wanted = filters.statuses.flatMap((status) => handled[status]);
  if (wanted.length === 0) return undefined;
  const { endedAt: to } = stretch.before;
  return {
    sql: sql(filters, scope),
    params: {
      from: stretch.from,
      to_root: to < endOfTime - day ? to + day : endOfTime,
      limit: rowsAtOnce,
      handled: wanted,
      ...placeParams(stretch.before),
      ...filterParams(filters),
      ...scopeParams(scope),
    },
    settings: windowScan,
    decode,
  };
}

function decode(row: RowBinaryCursor): CandidateRows {
  const count = row.uint64();
  const lowest: RowPosition = { endedAt: row.int64(), runId: row.string() };
  const rows = row.array(() => ({ runId: row.string(), endedAt: row.int64() }));
  return { rows, floor: count < rowsAtOnce ? undefined : lowest };
}
