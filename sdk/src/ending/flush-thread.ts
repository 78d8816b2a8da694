/**
 * A thread that exports spans while the one that has started it stands still, and ends. It is started by
 * `flush-while-blocked.ts` with a {@link FlushData}.
 */
import { workerData } from 'node:worker_threads';
import { FailureExporter } from '../exporter/failure-exporter.ts';
import { FLUSH, type FlushData } from './flush-data.ts';

const { spans, options, outcome } = workerData as FlushData;
const exporter = new FailureExporter({
  ...options,
  logger: { info: () => undefined, warn: () => undefined, error: () => undefined },
});
exporter.export(
  spans.map(({ context, ...span }) => ({ ...span, spanContext: () => context })),
  ({ code }) => {
    Atomics.store(outcome, 0, code === 0 ? FLUSH.stored : FLUSH.failed);
    Atomics.notify(outcome, 0);
  },
);
