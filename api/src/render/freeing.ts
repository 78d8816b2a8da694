import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/** Collects the objects that have been made last. Takes about a millisecond. */
export type CollectYoung = () => void;

/** So many bytes may pass before the memory of their chunks is given back. */
const bytesBetween = 4_194_304;

/**
 * Makes V8's minor collection callable.
 *
 * A chunk's bytes are given back when V8 collects the small object that stands for them. V8 weighs
 * that object, not the bytes: in a fast download 90 MB of dead chunks pile up before it looks. Node
 * has no call to hurry it; this is what `node --expose-gc` would give, without the need to be
 * started with it.
 */
export function createCollectYoung(): CollectYoung {
  setFlagsFromString('--expose-gc');
  const gc = runInNewContext('gc') as (options: { type: 'minor' }) => void;
  return () => gc({ type: 'minor' });
}

/** Passes a stream on, and has the memory of what went through given back now and then. */
export async function* freeing(
  source: AsyncIterable<Uint8Array>,
  collectYoung: CollectYoung,
): AsyncGenerator<Uint8Array, void, undefined> {
  let bytes = 0;
  for await (const chunk of source) {
    yield chunk;
    bytes += chunk.length;
    if (bytes >= bytesBetween) {
      bytes = 0;
      collectYoung();
    }
  }
}
