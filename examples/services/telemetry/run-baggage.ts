import { context, propagation, type Context } from '@opentelemetry/api';

/** Which run, and which try of it, the work at hand belongs to. */
export interface RunIdentity {
  runId: string;
  attempt: number;
}

/**
 * The active context with the run's identity in its W3C baggage. It reaches the second service in
 * a header, next to `traceparent`, and lets that service name the run in its own log.
 */
export function withRunIdentity({ runId, attempt }: RunIdentity): Context {
  const baggage = propagation.createBaggage({
    'run.id': { value: runId },
    'run.attempt': { value: String(attempt) },
  });
  return propagation.setBaggage(context.active(), baggage);
}

/** The identity in the active context; an empty run id where a caller sent none. */
export function activeRunIdentity(): RunIdentity {
  const baggage = propagation.getActiveBaggage();
  return {
    runId: baggage?.getEntry('run.id')?.value ?? '',
    attempt: Number(baggage?.getEntry('run.attempt')?.value ?? 1),
  };
}
