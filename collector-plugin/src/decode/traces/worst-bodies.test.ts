import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { describe, expect, it } from 'vitest';
import { worstBodies } from '../../../testing/worst-bodies.ts';
import { DEFAULT_DECODE_LIMITS } from '../limits.ts';

const BODY_BYTES = 20 * 2 ** 20;

/**
 * Room for the most spans that are kept, and for little beside them. Objects for the elements of the
 * worst bodies would take up to 3 GB, and end the worker.
 */
const HEAP = { maxOldGenerationSizeMb: 40, maxYoungGenerationSizeMb: 16 };

interface Outcome {
  spans: number;
  accounted: number;
  records: number;
}

/** Decodes and extracts in a thread whose heap is small; rejects when it was too small. */
async function inSmallHeap(encoding: string, bytes: Buffer): Promise<Outcome> {
  // In memory of its own, handed over: it is no part of the heap that is measured.
  const body = new ArrayBuffer(bytes.length);
  new Uint8Array(body).set(bytes);
  const worker = new Worker(new URL('../../../testing/small-heap.ts', import.meta.url), {
    workerData: { body, encoding },
    transferList: [body],
    resourceLimits: HEAP,
    // The thread starts from the sources, and so do the packages that it imports.
    execArgv: ['--conditions=failtrace-source'],
  });
  const [outcome] = (await once(worker, 'message')) as [Outcome];
  await worker.terminate();
  return outcome;
}

describe('a body of 20 MB', () => {
  it.each(worstBodies.map((body) => [body.name, body.encoding, body] as const))(
    'of %s in %s is decoded in a small heap',
    async (_, encoding, { make }) => {
      const { spans, accounted, records } = await inSmallHeap(encoding, make(BODY_BYTES));
      const { keptItems, failures } = DEFAULT_DECODE_LIMITS;
      expect(records).toBeLessThanOrEqual(keptItems + failures);
      // No span is lost in silence, but for those that do not matter.
      expect(accounted).toBeLessThanOrEqual(spans);
    },
  );
});
