import type { SeenFailure } from '../reconstruct/same-exception.ts';
import { toRfc3339 } from './time.ts';

/** Longest name that a delimiter line shows, in characters. */
const maxNameLength = 200;

// Control characters, line and paragraph separators, and the marks that turn the direction of text:
// all that could break the line or make it look like something else.
const unprintable = /[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}]/gu;

/** What a delimiter line says beside the failure itself. */
export interface DelimiterPlace {
  /** Counted from 1. */
  index: number;
  total: number;
  /** Undefined where there is one attempt alone. */
  attempt: number | undefined;
  /** Of the text that follows, up to its end. */
  bytes: number;
}

/**
 * The line above each stack text of a trace text that has several:
 *
 *     ===== failure 1 of 3 | service: orders | span: POST /orders | OrderError | 2026-11-22T10:00:00.123Z | 1834 bytes =====
 *
 * `grep '^===== failure '` finds them all; who has to be certain goes on by the bytes, since a message may
 * hold such a line. Names come from outside, so they are cut to a sensible
 * length and lose whatever could break the line.
 */
export function delimiterLine(failure: SeenFailure, place: DelimiterPlace): string {
  const fields = [
    `failure ${place.index} of ${place.total}`,
    place.attempt !== undefined && `attempt ${place.attempt}`,
    failure.service !== '' && `service: ${printable(failure.service)}`,
    failure.spanName !== '' && `span: ${printable(failure.spanName)}`,
    failure.errorType !== '' && printable(failure.errorType),
    toRfc3339(failure.occurredAt),
    failure.occurrences > 1 && `${failure.occurrences} times: ${spansOf(failure)}`,
    failure.cutUpstream && 'cut before it came to failtrace',
    `${place.bytes} bytes`,
  ];
  return `===== ${fields.filter(Boolean).join(' | ')} =====`;
}

/** So many spans are named of an exception that happened in very many. */
const spansNamed = 5;

function spansOf({ seenOn }: SeenFailure): string {
  const names = seenOn
    .slice(0, spansNamed)
    .map(({ spanName, spanId }) => printable(`${spanName} ${spanId}`.trim()));
  const more = seenOn.length - names.length;
  return names.join(', ') + (more > 0 ? ` and ${more} more` : '');
}

/**
 * The last line of a trace text that does not have all failures of its run.
 *
 * @param leftOut how many more are recorded; undefined where that is not known
 */
export function leftOutLine(leftOut: number | undefined): string {
  const more =
    leftOut === undefined ? 'more failures' : `${leftOut} more failure${leftOut === 1 ? '' : 's'}`;
  return `===== ${more} of this run recorded, and left out here =====`;
}

/**
 * Stands where the stack text of a failure would.
 *
 * @param isMessageLost whether there is no more than the beginning of its message either
 */
export function lostLine(isMessageLost: boolean): string {
  const what = isMessageLost ? 'stack text, and the rest of the message' : 'stack text';
  return `===== the ${what} of this failure cannot be given: it is not in the storage any more =====`;
}

function printable(name: string): string {
  const harmless = name.replace(unprintable, ' ');
  const characters = Array.from(harmless);
  return characters.length > maxNameLength
    ? `${characters.slice(0, maxNameLength).join('')}…`
    : harmless;
}
