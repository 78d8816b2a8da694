import { inspect } from 'node:util';
import { isNativeError } from 'node:util/types';

/** As deep as Node itself looks into an error that nobody caught. */
const DEPTH = 5;

/**
 * An error as Node prints one that nobody caught, byte for byte: its stack with the chain of its causes, the errors
 * of an `AggregateError`, and its own properties. Calls no code of the error's own.
 *
 * @returns its bare stack where it cannot be printed
 */
export function printedError(error: Error): string | undefined {
  try {
    return inspect(error, {
      colors: false,
      customInspect: false,
      depth: Math.max(inspect.defaultOptions.depth ?? DEPTH, DEPTH),
    });
  } catch {
    return error.stack;
  }
}

/** Whether something is an error, of whichever realm. */
export function isError(thrown: unknown): thrown is Error {
  return isNativeError(thrown) || thrown instanceof Error;
}
