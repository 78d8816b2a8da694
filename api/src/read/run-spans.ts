import { spanStatuses, tables } from '@failtrace/collector-plugin/schema';
import type { RunSpanRow } from './rows.ts';
import { scopeCondition, scopeParams } from './scope.ts';
import type { Scope } from './scope.ts';
import type { Select } from './select.ts';
import { anyRows, pointLookup } from './limits.ts';
import type { RowsWanted } from './limits.ts';

const sql = (scope: Scope, order: string) => `
  SELECT
    run_id, trace_id, span_id, parent_span_id, namespace, service, span_name,
    started_at, ended_at, status, status_message, expires_at
  FROM ${tables.runSpans}
  WHERE run_id IN {run_ids:Array(String)} AND ${scopeCondition(scope)}
  ${order}`;

// The topmost span of a trace is its root or, without one, nearly always the span that ended
// last. So a run of very many spans loses only inner ones to the limit.
const topmostFirst = `ORDER BY parent_span_id, ended_at DESC LIMIT 256 BY run_id, trace_id`;

/** The spans that name one of these runs. `first` keeps the topmost of each attempt at least. */
export function runSpansQuery(
  runIds: readonly string[],
  scope: Scope,
  rows: RowsWanted,
): Select<RunSpanRow> {
  return {
    sql: sql(scope, rows === 'any' ? anyRows : topmostFirst),
    params: { run_ids: runIds, ...scopeParams(scope) },
    settings: pointLookup,
    decode: (row) => ({
      runId: row.string(),
      traceId: row.fixedHex(16),
      spanId: row.fixedHex(8),
      parentSpanId: row.fixedHex(8),
      namespace: row.string(),
      service: row.string(),
      spanName: row.string(),
      startedAt: row.int64(),
      endedAt: row.int64(),
      status: row.enum8(spanStatuses) ?? 'unset',
      statusMessage: row.string(),
      expiresAt: row.uint32(),
    }),
  };
}
