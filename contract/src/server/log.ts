import { pino, type DestinationStream } from 'pino';
import { countRepeats } from './repeats.ts';

/**
 * A structured log. Fields are for names, counts, codes and durations: never for a payload, a token, a
 * query or the value of a setting. An error goes into the field `err`.
 */
export interface Logger {
  info(fields: Record<string, unknown>, message: string): void;
  warn(fields: Record<string, unknown>, message: string): void;
  error(fields: Record<string, unknown>, message: string): void;
}

/** How many causes of an error are told. */
const MAX_CAUSES = 3;
/** How many frames of a stack are told. */
const MAX_FRAMES = 4;

/**
 * A log of one JSON object a line, on standard error, because standard output belongs to the person
 * who started the program. Trouble that may come with each of thousands of requests is told once, and then
 * counted: see {@link countRepeats}.
 *
 * @param name who speaks, such as `receiver`
 */
export function createLogger(
  name: string,
  destination: DestinationStream = standardError(),
): Logger {
  const log = pino(
    {
      name,
      base: { name },
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (level) => ({ level }) },
      serializers: { err: (error: unknown) => describeError(error, MAX_CAUSES) },
    },
    destination,
  );
  return countRepeats(log);
}

/** A terminal that was closed takes nothing more, which must not end the program. */
function standardError(): DestinationStream {
  const destination = pino.destination({ dest: 2, sync: true });
  destination.on('error', () => undefined);
  return destination;
}

/**
 * What of an error may be told. ClickHouse repeats parts of a query in its messages, and so does whoever
 * parses a body: of an error that is not ours only its class and its codes are kept.
 */
function describeError(error: unknown, causes: number): object {
  if (!(error instanceof Error)) return { type: typeof error };
  const { code, type } = error as Error & { code?: unknown; type?: unknown };
  return {
    name: error.name,
    ...(typeof code === 'string' && { code }),
    ...(typeof type === 'string' && { type }),
    ...(isOurs(error) && { message: error.message }),
    at: placeOf(error),
    ...(error.cause !== undefined &&
      causes > 0 && { cause: describeError(error.cause, causes - 1) }),
    ...(error instanceof AggregateError &&
      causes > 0 && {
        errors: error.errors.slice(0, MAX_CAUSES).map((one) => describeError(one, causes - 1)),
      }),
  };
}

/** Errors with a stable code in our own form have messages that were written for outsiders. */
function isOurs(error: Error): boolean {
  const { code } = error as { code?: unknown };
  return typeof code === 'string' && /^[a-z_]+$/.test(code);
}

const FRAME = '\n    at ';

/**
 * The innermost frames. A stack begins with the message, and a message may have lines that look like
 * frames: nothing is told of a stack in which the message cannot be found.
 */
function placeOf({ message, stack = '' }: Error): string[] {
  const beginning = stack.indexOf(message + FRAME);
  if (beginning < 0) return [];
  return stack
    .slice(beginning + message.length)
    .split(FRAME)
    .slice(1, 1 + MAX_FRAMES)
    .map((frame) => `at ${frame}`);
}
