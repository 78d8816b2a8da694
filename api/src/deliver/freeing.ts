import { getHeapStatistics, setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/** Collects the objects that have been made last, in about a millisecond, and rarely all of them. */
export type CollectDead = () => void;

/** V8's collector, as `node --expose-gc` gives it out. */
type Collect = (options: { type: 'minor' | 'major' }) => void;

/**
 * So many bytes may pass before the memory of their chunks is given back: in the middle of a download
 * each collection takes a tenth of the time that passing on these bytes takes.
 */
const BYTES_BETWEEN = 2_097_152;

/**
 * So many bytes may stay behind, in use or not, until all objects are collected. One download never
 * gets there. 16 of 100 MB at once get there a dozen times: they take 23 to 30 MB over idle in place of
 * 38 to 42, or of 62 now and then where the cores are busy, and as long as before.
 */
const BYTES_LEFT = 25_165_824;

/**
 * Makes V8's collections callable, as `node --expose-gc` does. This switches a flag of the whole
 * process, so it is for whoever owns the process: a `main.ts`, never a library.
 *
 * A chunk's bytes are given back when V8 collects the small object that stands for them. V8 weighs
 * that object, not the bytes: in a fast download of 100 MB 43 to 65 MB of dead chunks pile up before
 * it looks, and up to 95 MB with 16 downloads at once. A smaller young generation
 * (`--max-semi-space-size=2`) would do for one, but cannot be set any more when Node runs.
 */
export function createCollectDead(): CollectDead {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as Collect;
  return collectDeadBy(collect, () => getHeapStatistics().external_memory);
}

/**
 * Collects what is young, and everything when too much has stayed behind: a chunk that two collections
 * have seen in use, as those of many slow downloads are, is young no more.
 *
 * @param bytesHeld bytes outside of V8's heap that its objects stand for, in use or dead
 */
export function collectDeadBy(collect: Collect, bytesHeld: () => number): CollectDead {
  // What is in use for good is not collected again and again.
  let inUse = 0;
  return () => {
    collect({ type: 'minor' });
    const held = bytesHeld();
    inUse = Math.min(inUse, held);
    if (held - inUse < BYTES_LEFT) return;
    collect({ type: 'major' });
    inUse = bytesHeld();
  };
}

/** Passes a stream on, and has the memory of what went through given back now and then. */
export type Freeing = (
  source: AsyncIterable<Uint8Array>,
) => AsyncGenerator<Uint8Array, void, undefined>;

/** All streams count together, because the dead chunks of all pile up together. */
export function createFreeing(collectDead: CollectDead): Freeing {
  let bytes = 0;
  return async function* freeing(source) {
    for await (const chunk of source) {
      yield chunk;
      bytes += chunk.length;
      if (bytes >= BYTES_BETWEEN) {
        bytes = 0;
        collectDead();
      }
    }
  };
}
