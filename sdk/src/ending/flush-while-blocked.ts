import { Worker } from 'node:worker_threads';
import type { FailureExporterOptions } from '../exporter/options.ts';
import type { EndedSpan } from '../telemetry.ts';
import { FLUSH, plainSpan, type FlushData } from './flush-data.ts';

const isSource = import.meta.url.endsWith('.ts');
const entry = new URL(`./flush-thread.${isSource ? 'ts' : 'js'}`, import.meta.url);

/**
 * Stores spans before it returns: another thread does, and this one stands still meanwhile. For the end of a
 * process, when nothing that is asynchronous happens any more.
 *
 * @param withinMs gives up after so many milliseconds
 * @returns whether they are stored
 */
export function flushWhileBlocked(
  spans: readonly EndedSpan[],
  { logger: _logger, ...options }: FailureExporterOptions,
  withinMs: number,
): boolean {
  const outcome = new Int32Array(new SharedArrayBuffer(4));
  const workerData: FlushData = {
    spans: spans.map(plainSpan),
    options: { ...options, retryForMs: withinMs },
    outcome,
  };
  const thread = new Worker(entry, {
    workerData,
    // Not the service's own: what it loads first would start its OpenTelemetry once more.
    execArgv: isSource ? ['--conditions=failtrace-source'] : [],
    env: {},
  });
  thread.unref();
  thread.on('error', () => undefined);
  Atomics.wait(outcome, 0, 0, withinMs);
  return outcome[0] === FLUSH.stored;
}
