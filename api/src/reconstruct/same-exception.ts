import type { FailureRow } from '../read/rows.ts';

/**
 * Drops rows that stand twice because a sender tried again after an acknowledgement got lost. Two
 * exceptions of one kind may have the same time, where a clock is coarse; their messages tell them
 * apart.
 */
export function withoutRedelivered(failures: readonly FailureRow[]): FailureRow[] {
  return firstOfEach(failures, (row) =>
    [row.traceId, row.spanId, row.occurredAt, row.source, exceptionKey(row)].join(),
  );
}

/**
 * Keeps one failure for each exception of an attempt. An exception is recorded again on every span
 * that it passes through, and under `logs/dup` as a log record besides; what is kept is the one
 * that stands first in the order given. Where some of them were handled and some not, the
 * exception got away, so one that was not handled is kept.
 *
 * A span that ended in ERROR without an exception is always a failure of its own.
 */
export function distinctExceptions(failures: readonly FailureRow[]): FailureRow[] {
  const unhandled = new Set(failures.filter((row) => !row.handled).map(exceptionKey));
  return firstOfEach(
    failures.filter((row) => !row.handled || !unhandled.has(exceptionKey(row))),
    exceptionKey,
  );
}

function exceptionKey(row: FailureRow): string {
  if (row.source === 'span_status') return `span ${row.spanId}`;
  return [
    JSON.stringify(row.errorType),
    row.textHash,
    ...[row.templateForm, ...row.cuts, row.message].map(lengthAndBytes),
    row.messageBytes,
    row.messageHash,
  ].join();
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
