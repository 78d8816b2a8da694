import { context, createContextKey, diag, propagation, type Context } from '@opentelemetry/api';
import { isRunId } from '@failtrace/contract';

const RUN_ID = createContextKey('failtrace run id');
/** The entry of W3C baggage that names a run. */
const BAGGAGE_ENTRY = 'run.id';

/**
 * Runs `fn` as part of a run: every span that starts in it, however many promises and timers later, belongs to
 * it. A run in a run has its own id.
 *
 * An id that is none (1 to 256 characters, no control characters, neither `.` nor `..`) is told to OpenTelemetry's
 * `diag` and left out; `fn` runs nevertheless.
 */
export function withRun<T>(runId: string, fn: () => T): T {
  if (isRunId(runId)) return context.with(context.active().setValue(RUN_ID, runId), fn);
  diag.error('failtrace: withRun was given no run id: 1 to 256 characters, no control characters.');
  return fn();
}

/** The run of a context: that of `withRun`, else that of the baggage which came with a request. */
export function runIdOf(at: Context): string | undefined {
  const own = at.getValue(RUN_ID);
  if (typeof own === 'string') return own;
  const carried = propagation.getBaggage(at)?.getEntry(BAGGAGE_ENTRY)?.value;
  return carried !== undefined && isRunId(carried) ? carried : undefined;
}
