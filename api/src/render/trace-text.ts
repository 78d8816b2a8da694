import { hasStackText, stackTextBytes } from '../read/derived.ts';
import type { FailureRow } from '../read/rows.ts';
import type { Attempt } from '../reconstruct/attempts.ts';
import { hasText } from '../reconstruct/run-view.ts';
import type { SeenFailure } from '../reconstruct/same-exception.ts';
import type { RunView } from '../reconstruct/run-view.ts';
import { delimiterLine, leftOutLine, lostLine } from './delimiter.ts';
import { isLost, longMessageOf, noLostTexts, stackTextOf, type LostTexts } from './lost-texts.ts';

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
  /** How many more failures are recorded; undefined where that is not known. */
  leftOut: number | undefined;
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
 * Lays out the trace text of a run. Where a stored text is lost, type and message stand in for it, and why.
 *
 * One failure is its stack text and nothing else, not even a line feed at the end. Several stand
 * one after the other, from what the run ended with down to what caused it; each under a delimiter
 * line, and with one line feed between a text and the next delimiter. The line says how many bytes
 * follow, so that a message which looks like such a line misleads nobody. Of several attempts the
 * latest comes first. Where more are recorded than may be told at once, the last line says how many.
 *
 * What is not one whole exception that happened once stands under such a line too.
 */
export function layOutTrace(
  run: RunView,
  selection: TraceSelection,
  lost: LostTexts = noLostTexts,
): TraceText {
  const selected = select(run, selection);
  const leftOut = leftOutOf(run, selection);
  const [only] = selected;
  const isPlain = selected.length === 1 && only !== undefined && isOneWhole(only.failure);
  const texts = selected.flatMap(({ failure, attempt }, index): TracePart[] => {
    const text = textOf(failure, lost);
    if (isPlain) return text;
    const line = delimiterLine(failure, {
      index: index + 1,
      total: selected.length,
      attempt: selection.attempt === 'all' ? attempt : undefined,
      bytes: bytesOfAll(text),
    });
    return [literal(`${index > 0 ? '\n' : ''}${line}\n`), ...text];
  });
  const isCut = leftOut !== 0 && texts.length > 0;
  const parts = isCut ? [...texts, literal(`\n${leftOutLine(leftOut)}`)] : texts;
  // A limit on the size of the whole acts here: on `parts`, before anything is read.
  return {
    parts,
    bytes: bytesOfAll(parts),
    failures: selected.map(({ failure }) => failure),
    leftOut,
  };
}

function isOneWhole({ occurrences, cutUpstream }: SeenFailure): boolean {
  return occurrences === 1 && !cutUpstream;
}

function select(
  run: RunView,
  selection: TraceSelection,
): Array<{ failure: SeenFailure; attempt: number }> {
  return attemptsOf(run, selection)
    .toReversed()
    .flatMap(({ attempt, failures }) =>
      failures
        .filter((failure) => selection.includeHandled || !failure.handled)
        .filter(hasText)
        .map((failure) => ({ failure, attempt })),
    );
}

function attemptsOf({ attempts, decidingAttempt }: RunView, selection: TraceSelection): Attempt[] {
  const wanted = selection.attempt ?? decidingAttempt;
  return attempts.filter(({ attempt }) => wanted === 'all' || attempt === wanted);
}

function leftOutOf(run: RunView, selection: TraceSelection): number | undefined {
  if (run.failuresLeftOut === undefined) return undefined;
  return attemptsOf(run, selection).reduce((sum, { leftOut }) => sum + leftOut, 0);
}

/**
 * The stack text, byte for byte. Where it does not name the error, as in Go, and where there is none or
 * it is lost, `type: message` stands above it.
 */
function textOf(failure: FailureRow, lost: LostTexts): TracePart[] {
  const isMessageLost = isLost(longMessageOf(failure), lost);
  const isStackTextLost = isLost(stackTextOf(failure), lost);
  // A lost message is missing in the stack text too.
  const hasStack = hasStackText(failure) && !isStackTextLost && !isMessageLost;
  const stack: TracePart[] = hasStack ? [{ kind: 'stack_text', failure }] : [];
  if (hasStack && !failure.headless) return stack;
  const colon = failure.errorType !== '' && failure.messageBytes > 0 ? ': ' : '';
  const message: TracePart = isMessageLost
    ? { kind: 'literal', content: failure.message }
    : { kind: 'message', failure };
  const why = isMessageLost || isStackTextLost ? [literal(`\n${lostLine(isMessageLost)}`)] : [];
  const below = hasStack ? [literal('\n'), ...stack] : why;
  return [literal(failure.errorType + colon), message, ...below];
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
