import { columnNames, failureColumns, readRow, tables } from '@failtrace/collector-plugin/schema';
import { anyRowsLimit, pointLookup, rankedLookup, rowLimits } from './limits.ts';
import type { Depth, RowLimits } from './limits.ts';
import type { FailureRow } from './rows.ts';
import { scopeCondition, scopeParams } from './scope.ts';
import type { Scope } from './scope.ts';
import type { Select } from './select.ts';
import { tracesOfRuns } from './traces-of-runs.ts';
import type { RunQuestion } from './traces-of-runs.ts';

const failuresOfTraces = (columns: string, traces: string, scope: Scope) => `
  SELECT ${columns} FROM ${tables.failures}
  WHERE trace_id IN (${traces}) AND ${scopeCondition(scope)}`;

const names = columnNames(failureColumns);

/** What a failure is told apart by, without its texts: what is long of it as a hash. */
const key = 'trace_id, span_id, occurred_at, namespace, message_bytes, message_hash';
const textKey = 'cityHash64(error_type, text_hash, template_form, cuts)';

/** The failures in the traces of these runs, whichever run each belongs to; as many as any will do. */
export function anyFailuresQuery(runIds: readonly string[], scope: Scope): Select<FailureRow> {
  const { sql, ...rest } = select({ runIds }, scope);
  return {
    ...rest,
    sql: `${failuresOfTraces(names, sql, scope)} LIMIT ${anyRowsLimit}`,
    settings: pointLookup,
  };
}

// Sorted by narrow columns alone, before any message is read: a trace that throws in a loop may have
// hundreds of thousands. What was delivered twice counts once, or it would take the room of the rest.
const firstFailures = (traces: string, scope: Scope, limits: RowLimits) => `
  ${failuresOfTraces(names, traces, scope)} AND (${key}, ${textKey}) IN (
    SELECT ${key}, text_key FROM (
      ${failuresOfTraces(`DISTINCT ${key}, ${textKey} AS text_key, handled, span_ended_at`, traces, scope)}
      ORDER BY handled, span_ended_at DESC, occurred_at DESC
      LIMIT ${limits.failuresOfTrace} BY trace_id, namespace
    )
    ORDER BY handled, span_ended_at DESC, occurred_at DESC
    LIMIT ${limits.failuresOfNamespace} BY namespace
  )
  LIMIT 1 BY ${key}, ${textKey}
  LIMIT ${limits.rows}`;

/** Those failures that matter most: not handled before handled, the last before the first. */
export function firstFailuresQuery(
  question: RunQuestion,
  scope: Scope,
  depth: Depth,
): Select<FailureRow> {
  const { sql, ...rest } = select(question, scope);
  return { ...rest, sql: firstFailures(sql, scope, rowLimits[depth]), settings: rankedLookup };
}

function select(
  question: RunQuestion,
  scope: Scope,
): Pick<Select<FailureRow>, 'params' | 'decode'> & { sql: string } {
  const traces = tracesOfRuns(question, scope);
  return {
    sql: traces.sql,
    params: { ...traces.params, ...scopeParams(scope) },
    decode: (row) => readRow(row, failureColumns),
  };
}
