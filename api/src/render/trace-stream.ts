import type { Reader } from '../read/reader.ts';
import { spliceMessage } from './splice-message.ts';
import type { TracePart } from './trace-text.ts';

/**
 * Streams a trace text, one part after the other. A stored text is asked for when its turn comes,
 * so the memory in use does not grow with the size or the number of the texts.
 *
 * @throws StorageUnavailable at any point; what came before is then only a part of the text
 */
export async function* streamTrace(
  parts: readonly TracePart[],
  reader: Pick<Reader, 'stackText'>,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array, void, undefined> {
  for (const part of parts) {
    if (part.kind === 'literal') {
      yield part.content;
      continue;
    }
    const { failure } = part;
    const ref = { textHash: failure.textHash, failureExpiresAt: failure.expiresAt };
    yield* spliceMessage(reader.stackText(ref, signal), {
      message: failure.message,
      offsets: failure.messageOffsets,
      bytes: failure.textBytes,
    });
  }
}
