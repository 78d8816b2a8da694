import { hasStackText, stackTextBytes } from '../read/derived.ts';
import type { FailureRow } from '../read/rows.ts';
import { hasText } from '../reconstruct/run-view.ts';
import type { SeenFailure } from '../reconstruct/same-exception.ts';
import type { RunView } from '../reconstruct/run-view.ts';
import { delimiterLine } from './delimiter.ts';

/** One piece of a trace text: bytes that are known already, a stored stack text, or a message. */
export type TracePart =
  | { kind: 'literal'; content: Uint8Array }
  | { kind: 'stack_text' | 'message'; failure: FailureRow };

/** What a download will contain, before any stack text is read. */
export interface TraceText {
  /** In order; empty when there is no text to give. */
  parts: TracePart[];
  /** Bytes of the whole. */
  bytes: number;
  failures: SeenFailure[];
}

/** Which failures of a run a trace text has. */
export interface TraceSelection {
  /** Counted from 1; undefined for the latest. */
  attempt: number | 'all' | undefined;
  /** Whether exceptions that were handled are among them. */
  includeHandled: boolean;
}

/** What a caller gets who asks for nothing in particular. */
export const defaultSelection: TraceSelection = { attempt: undefined, includeHandled: false };

/**
 * Lays out the trace text of a run.
 *
 * One failure is its stack text and nothing else, not even a line feed at the end. Several stand
 * one after the other, from what the run ended with down to what caused it; each under a delimiter
 * line, and with one line feed between a text and the next delimiter. The line says how many bytes
 * follow, so that a message which looks like such a line misleads nobody. Of several attempts the
 * latest comes first.
 *
 * What is not one whole exception that happened once stands under such a line too.
 */
export function layOutTrace(run: RunView, selection: TraceSelection): TraceText {
  const selected = select(run, selection);
  const [only] = selected;
  const isPlain = selected.length === 1 && only !== undefined && isOneWhole(only.failure);
  const parts = selected.flatMap(({ failure, attempt }, index): TracePart[] => {
    const text = textOf(failure);
    if (isPlain) return text;
    const line = delimiterLine(failure, {
      index: index + 1,
      total: selected.length,
      attempt: selection.attempt === 'all' ? attempt : undefined,
      bytes: bytesOfAll(text),
    });
    return [literal(`${index > 0 ? '\n' : ''}${line}\n`), ...text];
  });
  // A limit on the size of the whole acts here: on `parts`, before anything is read.
  return {
    parts,
    bytes: bytesOfAll(parts),
    failures: selected.map(({ failure }) => failure),
  };
}

function isOneWhole({ occurrences, cutUpstream }: SeenFailure): boolean {
  return occurrences === 1 && !cutUpstream;
}

function select(
  run: RunView,
  selection: TraceSelection,
): Array<{ failure: SeenFailure; attempt: number }> {
  const wanted = selection.attempt ?? run.decidingAttempt;
  return run.attempts
    .filter(({ attempt }) => wanted === 'all' || attempt === wanted)
    .toReversed()
    .flatMap(({ attempt, failures }) =>
      failures
        .filter((failure) => selection.includeHandled || !failure.handled)
        .filter(hasText)
        .map((failure) => ({ failure, attempt })),
    );
}

/**
 * The stack text, byte for byte. Where it does not name the error, as in Go, and where there is none,
 * `type: message` stands above it.
 */
function textOf(failure: FailureRow): TracePart[] {
  const stack: TracePart[] = hasStackText(failure) ? [{ kind: 'stack_text', failure }] : [];
  if (stack.length > 0 && !failure.headless) return stack;
  const colon = failure.errorType !== '' && failure.messageBytes > 0 ? ': ' : '';
  return [
    literal(failure.errorType + colon),
    { kind: 'message', failure },
    ...(stack.length > 0 ? [literal('\n'), ...stack] : []),
  ];
}

function literal(text: string): TracePart {
  return { kind: 'literal', content: Buffer.from(text) };
}

function bytesOfAll(parts: readonly TracePart[]): number {
  return parts.reduce((sum, part) => sum + bytesOf(part), 0);
}

function bytesOf(part: TracePart): number {
  if (part.kind === 'literal') return part.content.length;
  return part.kind === 'message' ? part.failure.messageBytes : stackTextBytes(part.failure);
}
