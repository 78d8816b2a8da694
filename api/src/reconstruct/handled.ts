import type { RunStatus } from '@failtrace/contract';
import type { FailureRow } from '../read/rows.ts';

/**
 * Settles which failures of a trace were handled: those that something speaks for.
 *
 * A record says no more than that its span did not end in ERROR. Where the run ended well, that speaks for
 * all of its failures, such as those of tries that were repeated. Where it failed and no exception of a
 * failed span explains it, those that it has are its trace: stock instrumentation records an exception on
 * an inner span whose status stays unset, and only the root says ERROR. A span that is expressly OK speaks for
 * its own, as long as there are others.
 */
export function withHandled(failures: readonly FailureRow[], status: RunStatus): FailureRow[] {
  if (status === 'ok') return failures.map((failure) => ({ ...failure, handled: true }));
  const exceptions = failures.filter(({ source }) => source !== 'span_status');
  if (status !== 'failed' || exceptions.some(({ handled }) => !handled)) return [...failures];
  const unspokenFor = exceptions.filter((failure) => failure.status !== 'ok');
  const explaining = new Set(unspokenFor.length > 0 ? unspokenFor : exceptions);
  return failures.map((failure) =>
    explaining.has(failure) ? { ...failure, handled: false } : failure,
  );
}
