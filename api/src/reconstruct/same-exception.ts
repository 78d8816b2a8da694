import { hasStackText, stackTextBytes } from '../read/derived.ts';
import type { FailureRow } from '../read/rows.ts';
import type { SpanTree } from './span-tree.ts';

/** An exception of a run: what was recorded of it, in as many places as it was. */
export interface SeenFailure extends FailureRow {
  /** How often it happened: in branches that know nothing of each other. */
  occurrences: number;
  /** The spans on which it was recorded, where it happened and where it passed through. */
  seenOn: readonly SeenOn[];
}

/** A span on which an exception was recorded. */
export interface SeenOn {
  spanId: string;
  service: string;
  spanName: string;
}

/**
 * Drops rows that stand twice because a sender tried again after an acknowledgement got lost. Two
 * exceptions of one kind may have the same time, where a clock is coarse; their messages tell them
 * apart.
 */
export function withoutRedelivered(failures: readonly FailureRow[]): FailureRow[] {
  return firstOfEach(failures, (row) =>
    [
      row.traceId,
      row.spanId,
      row.occurredAt,
      row.source,
      JSON.stringify(row.errorType),
      errorKey(row),
      textKey(row),
    ].join(),
  );
}

/**
 * Keeps one failure for each exception of an attempt, and says how often it happened and where it was seen.
 *
 * An exception is recorded again on every span that it passes through, and under `logs/dup` as a log
 * record besides. Where a runtime adds frames on the way (Python), or dumps the stack of whoever records it
 * (Go), these texts differ, so the same exception is known by its type, its message and its innermost
 * frame, on spans of which one stands above the other. A log record may write less of the type. The fullest text is kept, in the
 * place of the first. Where some of them were handled and some not, the exception got away, so one that
 * was not handled is kept.
 *
 * The same exception in branches side by side happened more than once. A span that ended in ERROR without
 * an exception is always a failure of its own.
 */
export function distinctExceptions(failures: readonly FailureRow[], tree: SpanTree): SeenFailure[] {
  const place = new Map(failures.map((failure, index) => [failure, index]));
  // Made once: each recording is compared with many others, and what was cut out of it may be long.
  const textKeys = new Map(failures.map((failure) => [failure, textKey(failure)]));
  return [...Map.groupBy(failures, errorKey).values()]
    .flatMap((alike) => withSameText(passages(alike, tree, textKeys), textKeys))
    .toSorted((a, b) => (place.get(a.first) ?? 0) - (place.get(b.first) ?? 0))
    .map(({ recorded, occurrences }) => seenFailure(spansFirst(recorded), occurrences));
}

function seenFailure(recorded: readonly FailureRow[], occurrences: number): SeenFailure {
  const seenOn = firstOfEach(recorded, ({ spanId }) => spanId).map(
    ({ spanId, service, spanName }) => ({ spanId, service, spanName }),
  );
  const shown = fullest(recorded);
  const spanName = seenOn.find(({ spanId }) => spanId === shown.spanId)?.spanName ?? '';
  return { ...shown, spanName, occurrences, seenOn };
}

/** A log record does not know the name of its span. */
function spansFirst(recorded: readonly FailureRow[]): FailureRow[] {
  const isLogged = ({ source }: FailureRow) => Number(source === 'log_record');
  return recorded.toSorted((a, b) => isLogged(a) - isLogged(b));
}

/** What {@link textKey} says of each recording. */
type TextKeys = ReadonlyMap<FailureRow, string>;

/** Recordings of one exception; the first of them stands where the exception does. */
interface Exception {
  first: FailureRow;
  recorded: FailureRow[];
  occurrences: number;
}

/** So many recordings of one kind are compared with each other; a loop may have recorded thousands. */
const mostCompared = 200;

/** Which recordings are of one exception on its way up: each in line with all others, since branches are not. */
function passages(alike: readonly FailureRow[], tree: SpanTree, textKeys: TextKeys): Exception[] {
  const found: Exception[] = [];
  for (const row of alike) {
    const same = found
      .slice(0, mostCompared)
      .find(({ recorded }) =>
        recorded.every(
          (other) =>
            mayBeOfOneType(row, other) &&
            tree.areInLine(row, other) &&
            sharePlace(row, other, textKeys),
        ),
      );
    if (same) same.recorded.push(row);
    else found.push({ first: row, recorded: [row], occurrences: 1 });
  }
  return found;
}

/** Those that read the same stand once, and are counted. */
function withSameText(exceptions: readonly Exception[], textKeys: TextKeys): Exception[] {
  const byText = Map.groupBy(exceptions, ({ first, recorded }) =>
    first.source === 'span_status'
      ? `span ${first.spanId}`
      : `${JSON.stringify(first.errorType)} ${textKeys.get(fullest(recorded))}`,
  );
  return [...byText.values()].map((same) => {
    const [{ first }] = same as [Exception];
    return {
      first,
      recorded: same.flatMap(({ recorded }) => recorded),
      occurrences: same.length,
    };
  });
}

function fullest(recorded: readonly FailureRow[]): FailureRow {
  const unhandled = recorded.filter(({ handled }) => !handled);
  const eligible = unhandled.length > 0 ? unhandled : recorded;
  return eligible.reduce((best, row) => (fullness(row) > fullness(best) ? row : best));
}

function fullness(row: FailureRow): number {
  return hasStackText(row) ? stackTextBytes(row) : 0;
}

/** The first four digits of a text's name are of its innermost frame, where the exception came up. */
function sharePlace(a: FailureRow, b: FailureRow, textKeys: TextKeys): boolean {
  // Of one template, and then its holes would have to be filled alike.
  if (a.textHash === b.textHash) return textKeys.get(a) === textKeys.get(b);
  if (a.textHash === '' || b.textHash === '') return true;
  return a.textHash.slice(0, 4) === b.textHash.slice(0, 4);
}

/**
 * Loggers write a type with less in front of it than spans have, and with other marks: Python's `LedgerError` is
 * `__main__.LedgerError` there, and Java's `Ledger.Problem` is `Ledger$Problem`.
 */
function mayBeOfOneType(a: FailureRow, b: FailureRow): boolean {
  return a.errorType === b.errorType || a.source === 'log_record' || b.source === 'log_record';
}

const marks = ['.', ':', '$', '/', '\\'];

/** The last part of a type's name. */
function nameOf(errorType: string): string {
  return errorType.slice(Math.max(...marks.map((mark) => errorType.lastIndexOf(mark))) + 1);
}

/** The same for all recordings of one exception. */
function errorKey(row: FailureRow): string {
  return [
    row.source === 'span_status' ? row.spanId : '',
    JSON.stringify(nameOf(row.errorType)),
    lengthAndBytes(row.message),
    row.messageBytes,
    row.messageHash,
  ].join();
}

/** The same for recordings with the same stack text, if they are of one exception. */
function textKey(row: FailureRow): string {
  return [row.textHash, ...[row.templateForm, ...row.cuts].map(lengthAndBytes)].join();
}

/** With its length in front, no two lists of such look the same when they are joined. */
function lengthAndBytes({ buffer, byteOffset, length }: Uint8Array): string {
  return `${length} ${Buffer.from(buffer, byteOffset, length).toString('latin1')}`;
}

function firstOfEach<T>(items: readonly T[], key: (item: T) => string): T[] {
  const seen = new Set<string>();
  return items.filter((item) => {
    const itemKey = key(item);
    if (seen.has(itemKey)) return false;
    seen.add(itemKey);
    return true;
  });
}
