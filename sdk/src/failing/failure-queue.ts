import type { FailureExporter } from '../exporter/failure-exporter.ts';
import type { EndedSpan } from '../telemetry.ts';

/** A batch of so many spans is sent at once. */
const BATCH_SPANS = 512;
/** A span waits at most so long for others, in milliseconds: somebody may look at the dashboard already. */
const DELAY_MS = 1_000;
/** So many spans may wait or be under way. */
const MOST_SPANS = 8_192;

/** Spans on their way to an exporter. */
export interface FailureQueue {
  add(span: EndedSpan): void;
  /** Sends what waits, and resolves when all that was sent is stored, or was told to have failed. */
  flush(): Promise<void>;
  /** All that is not stored yet. */
  pending(): EndedSpan[];
  /** Forgets all of it: it was stored in another way. */
  clear(): void;
}

/** Gathers spans into batches. What finds no room is told in the log. */
export function createFailureQueue(exporter: FailureExporter): FailureQueue {
  const { logger } = exporter.settings;
  const underWay = new Map<Promise<void>, EndedSpan[]>();
  let waiting: EndedSpan[] = [];
  let spansUnderWay = 0;
  let timer: NodeJS.Timeout | undefined;

  function send(): void {
    clearTimeout(timer);
    timer = undefined;
    if (waiting.length === 0) return;
    const batch = waiting;
    waiting = [];
    spansUnderWay += batch.length;
    const sending = new Promise<void>((resolve) => exporter.export(batch, () => resolve()));
    underWay.set(sending, batch);
    void sending.then(() => {
      if (underWay.delete(sending)) spansUnderWay -= batch.length;
    });
  }

  return {
    add(span) {
      if (waiting.length + spansUnderWay >= MOST_SPANS) {
        logger.error(
          { most: MOST_SPANS },
          'A span with a failure was dropped: too many are waiting for ClickHouse.',
        );
        return;
      }
      waiting.push(span);
      if (waiting.length >= BATCH_SPANS) send();
      else timer ??= setTimeout(send, DELAY_MS).unref();
    },
    async flush() {
      send();
      await Promise.all(underWay.keys());
    },
    pending: () => [...underWay.values(), waiting].flat(),
    clear() {
      clearTimeout(timer);
      timer = undefined;
      waiting = [];
      underWay.clear();
      spansUnderWay = 0;
    },
  };
}
