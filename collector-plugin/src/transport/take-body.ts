import type { Logger } from '@failtrace/contract/server';
import type { Ingested, Signal } from '../ingest/ingest.ts';
import { freeOwn } from '../worker/free.ts';
import type { PackedBody, ProcessBody } from '../worker/packed-body.ts';

/** What a sender may send: what failtrace looks for failures in, and what it takes and drops. */
export type OtlpSignal = Signal | 'metrics';

/** A body of any signal, as its transport has read it. */
export type ReceivedBody = Omit<PackedBody, 'signal'> & { signal: OtlpSignal };

/** Does with a body what its signal is for; the same for every transport. @throws ReceiveError */
export type TakeBody = (body: ReceivedBody) => Promise<Ingested>;

/** The one way from the transports inwards. */
export interface BodyTaker {
  take: TakeBody;
  /** How many requests of metrics were dropped. */
  droppedMetrics(): number;
}

const NOTHING_TO_SAY: Ingested = { rejected: 0, message: '' };

/**
 * Makes the way from the transports to the workers. Metrics end here: an SDK that is told nothing sends them to
 * the same place, and would log an error each minute if they were refused.
 */
export function createBodyTaker(process: ProcessBody, logger: Logger): BodyTaker {
  let dropped = 0;
  return {
    droppedMetrics: () => dropped,
    take({ signal, ...body }) {
      if (signal !== 'metrics') return process({ signal, ...body });
      for (const chunk of body.chunks) freeOwn(chunk);
      dropped += 1;
      if (dropped === 1) {
        logger.info(
          {},
          'Metrics arrive, and are not kept: failtrace keeps failures. OTEL_METRICS_EXPORTER=none saves the way.',
        );
      }
      return Promise.resolve(NOTHING_TO_SAY);
    },
  };
}
