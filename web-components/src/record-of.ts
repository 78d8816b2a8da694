import type { Run } from '@failtrace/contract';
import type { RunRef } from './api-url.ts';
import { record } from './parse-run.ts';

/**
 * Whether a record is of the run that is meant: no page and no API may put the run of another
 * namespace into its place.
 *
 * @param source the record before it was read
 */
export function isRecordOf(run: Run, { runId, namespace }: RunRef, source: unknown): boolean {
  if (run.run_id !== runId) return false;
  if (namespace === null) return true;
  // It says that a namespace must be named, and here one is.
  if (run.trace.reason === 'ambiguous_run') return false;
  const named = namespaceOf(run, source);
  return named === null || named === namespace;
}

/**
 * The namespace that a record names. A run that is not known has none to name: its '' must not keep
 * later requests from finding the run in the namespace where it turns up.
 *
 * @param source the record before it was read: there may be no namespace in it at all
 */
export function namespaceOf(run: Run, source: unknown): string | null {
  const isNamed = typeof record(source)?.['namespace'] === 'string';
  return isNamed && (run.namespace !== '' || run.status !== 'unknown') ? run.namespace : null;
}
