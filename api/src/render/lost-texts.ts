import { hasStackText } from '../read/derived.ts';
import type { Reader } from '../read/reader.ts';
import type { FailureRow } from '../read/rows.ts';
import type { Scope } from '../read/scope.ts';
import { storedTextName } from '../read/stored-texts.ts';
import type { NeededText } from '../read/stored-texts.ts';

/**
 * The texts that failures need and that are stored no more, by {@link storedTextName}. They were deleted, or an older copy of
 * the database is back in its place: no waiting brings them back.
 */
export type LostTexts = ReadonlySet<string>;

export const noLostTexts: LostTexts = new Set();

/** Where it is found out, for one caller. */
export interface LostTextSource {
  reader: Pick<Reader, 'storedTexts'>;
  scope: Scope;
  signal: AbortSignal;
}

/**
 * Finds out which texts of some failures are lost.
 *
 * @param firstChunks beginnings of texts that are there, by hash; only for others ClickHouse is asked
 * @throws StorageUnavailable
 */
export async function findLostTexts(
  failures: readonly FailureRow[],
  firstChunks: ReadonlyMap<string, Uint8Array>,
  { reader, scope, signal }: LostTextSource,
): Promise<LostTexts> {
  const missing = failures
    .flatMap((failure) => [...stackTextOf(failure), ...longMessageOf(failure)])
    .filter(({ textHash }) => !firstChunks.has(textHash));
  const stored = await reader.storedTexts(missing, scope, signal);
  return new Set(missing.map(storedTextName).filter((name) => !stored.has(name)));
}

/** The stack text that a failure needs, if any. */
export function stackTextOf(failure: FailureRow): NeededText[] {
  const { textHash, traceId, expiresAt } = failure;
  return hasStackText(failure) ? [{ textHash, traceId, expiresAt }] : [];
}

/** The message of a failure, where it is stored apart from its row. */
export function longMessageOf({ messageHash, traceId, expiresAt }: FailureRow): NeededText[] {
  return messageHash === '' ? [] : [{ textHash: messageHash, traceId, expiresAt }];
}

/** Whether one of these texts is lost. */
export function isLost(texts: readonly NeededText[], lost: LostTexts): boolean {
  return texts.some((text) => lost.has(storedTextName(text)));
}
