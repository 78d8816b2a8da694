import type { Span } from '@opentelemetry/api';
import { recordFatal, recordSurvived, type UncaughtOrigin } from './record-uncaught.ts';

/** What is done when the process ends. */
export interface EndOptions {
  openRoots: ReadonlySet<Span>;
  /** Stores all that waits, before it returns. */
  flush: () => void;
}

/**
 * Records what nobody caught and stores all that waits before the process ends. Node tells it to a monitor first and
 * goes on as if there were none: it prints what it would have printed, and ends with the same exit code.
 *
 * @returns what ends the watch
 */
export function watchTheEnd({ openRoots, flush }: EndOptions): () => void {
  const onUncaught = (thrown: unknown, origin: UncaughtOrigin) => {
    if (isHandled()) return recordSurvived(thrown, origin);
    recordFatal(thrown, origin, openRoots);
    flush();
  };
  process.on('uncaughtExceptionMonitor', onUncaught);
  process.on('exit', flush);
  return () => {
    process.off('uncaughtExceptionMonitor', onUncaught);
    process.off('exit', flush);
  };
}

/** Whether the service has said itself what is to happen then; mostly the process goes on. */
function isHandled(): boolean {
  return (
    process.listenerCount('uncaughtException') > 0 || process.hasUncaughtExceptionCaptureCallback()
  );
}
