import { failureSources, tables } from '@failtrace/collector-plugin/schema';
import type { FailureRow } from './rows.ts';
import { scopeCondition, scopeParams } from './scope.ts';
import type { Scope } from './scope.ts';
import type { Select } from './select.ts';
import { anyRows, pointLookup } from './limits.ts';
import type { RowsWanted } from './limits.ts';
import { tracesOfRuns } from './traces-of-runs.ts';

const sql = (traces: string, scope: Scope, order: string) => `
  SELECT
    run_id, trace_id, span_id, parent_span_id, namespace, service, span_name,
    span_started_at, span_ended_at, occurred_at, handled, source, error_type, error_message,
    text_hash, text_bytes, message_offsets, fingerprint, expires_at
  FROM ${tables.failures}
  WHERE trace_id IN (${traces}) AND ${scopeCondition(scope)}
  ${order}`;

// Keeps a trace that throws in a loop from filling the memory.
const outcomeFirst = `
  ORDER BY handled, span_ended_at DESC, occurred_at DESC LIMIT 1000 BY trace_id`;

/**
 * The failures in the traces of these runs, whichever run each of them belongs to. `first` keeps
 * those of each trace that were not handled and came last.
 */
export function failuresQuery(
  runIds: readonly string[],
  scope: Scope,
  rows: RowsWanted,
): Select<FailureRow> {
  const traces = tracesOfRuns(runIds);
  return {
    sql: sql(traces.sql, scope, rows === 'any' ? anyRows : outcomeFirst),
    params: { ...traces.params, ...scopeParams(scope) },
    settings: pointLookup,
    decode: (row) => ({
      runId: row.string(),
      traceId: row.fixedHex(16),
      spanId: row.fixedHex(8),
      parentSpanId: row.fixedHex(8),
      namespace: row.string(),
      service: row.string(),
      spanName: row.string(),
      spanStartedAt: row.int64(),
      spanEndedAt: row.int64(),
      occurredAt: row.int64(),
      handled: row.uint8() === 1,
      source: row.enum8(failureSources) ?? 'span_event',
      errorType: row.string(),
      message: row.bytes(),
      textHash: row.fixedHex(16),
      textBytes: row.uint64(),
      messageOffsets: row.array(() => row.uint64()),
      fingerprint: row.uint64Hex(),
      expiresAt: row.uint32(),
    }),
  };
}
