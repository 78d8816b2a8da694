import type { Reader } from '../read/reader.ts';
import type { FailureRow } from '../read/rows.ts';
import { spliceMessage } from './splice-message.ts';
import type { TracePart } from './trace-text.ts';

/**
 * Streams a trace text, one part after the other. A stored text is asked for when its turn comes,
 * so the memory in use does not grow with the size or the number of the texts.
 *
 * @param firstChunks beginnings of texts that are known already; one that is a whole text is used
 * @throws StorageUnavailable at any point; what came before is then only a part of the text
 */
export async function* streamTrace(
  parts: readonly TracePart[],
  reader: Pick<Reader, 'stackText'>,
  firstChunks: ReadonlyMap<string, Uint8Array>,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array, void, undefined> {
  for (const part of parts) {
    if (part.kind === 'literal') {
      yield part.content;
      continue;
    }
    const { failure } = part;
    const ref = { textHash: failure.textHash, failureExpiresAt: failure.expiresAt };
    const known = firstChunks.get(failure.textHash);
    const stored = known?.length === storedBytes(failure) ? [known] : reader.stackText(ref, signal);
    yield* spliceMessage(stored, {
      message: failure.message,
      offsets: failure.messageOffsets,
      bytes: failure.textBytes,
    });
  }
}

/** Bytes of a text as it is stored, without its message. */
function storedBytes({ textBytes, message, messageOffsets }: FailureRow): number {
  return textBytes - messageOffsets.length * message.length;
}
