import { isUtf8 } from 'node:buffer';
import { isRunId, RUN_ID_MAX_CHARACTERS } from '@failtrace/contract';

/**
 * The contract's rule for run ids, of the bytes that a sender wrote: they have to be well-formed UTF-8
 * too, or no reader could ask for that run.
 */
export function isRunIdBytes(bytes: Buffer): boolean {
  // A character has at most four bytes, so no more than that is ever decoded.
  return bytes.length <= RUN_ID_MAX_CHARACTERS * 4 && isUtf8(bytes) && isRunId(bytes.toString());
}

/** Whether a run id may be kept as it is: there is none, or a good one. */
export function isUsable(runId: Buffer): boolean {
  return runId.length === 0 || isRunIdBytes(runId);
}
