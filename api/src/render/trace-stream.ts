import { textForm } from '../read/derived.ts';
import type { Reader } from '../read/reader.ts';
import type { FailureRow } from '../read/rows.ts';
import type { Scope } from '../read/scope.ts';
import { fillTemplate } from './fill-template.ts';
import type { MessageSource, Pieces } from './fill-template.ts';
import type { TracePart } from './trace-text.ts';

/** Where stored texts come from, for one caller. */
export interface TextSource {
  reader: Pick<Reader, 'stackText'>;
  scope: Scope;
  signal: AbortSignal;
}

/**
 * Streams a trace text, one part after the other. A stored text is asked for when its turn comes,
 * so the memory in use does not grow with the size or the number of the texts.
 *
 * @param firstChunks beginnings of texts that are known already; one that is a whole text is used
 * @throws StorageUnavailable at any point; what came before is then only a part of the text
 */
export async function* streamTrace(
  parts: readonly TracePart[],
  source: TextSource,
  firstChunks: ReadonlyMap<string, Uint8Array>,
): AsyncGenerator<Uint8Array, void, undefined> {
  for (const part of parts) yield* piecesOf(part, source, firstChunks);
}

function piecesOf(
  part: TracePart,
  source: TextSource,
  firstChunks: ReadonlyMap<string, Uint8Array>,
): Pieces {
  if (part.kind === 'literal') return part.content.length > 0 ? [part.content] : [];
  const { failure } = part;
  if (part.kind === 'message') return streamMessage(failure, source);
  const filling = { ...textForm(failure), message: messageOf(failure, source) };
  const known = firstChunks.get(failure.textHash);
  const stored =
    known?.length === filling.templateBytes ? [known] : openText(failure, failure.textHash, source);
  return fillTemplate(stored, filling);
}

/**
 * Streams the whole message of a failure, byte for byte; nothing for none.
 *
 * @throws StorageUnavailable at any point, and where its bytes are not those that were recorded
 */
export function streamMessage(
  failure: FailureRow | undefined,
  source: TextSource,
): AsyncGenerator<Uint8Array, void, undefined> {
  // A text that is nothing but its message, so that its bytes are counted in one place.
  const message = messageOf(failure, source);
  const holes = [{ offset: 0, content: undefined }];
  return fillTemplate([], { templateBytes: 0, holes, message });
}

function messageOf(failure: FailureRow | undefined, source: TextSource): MessageSource {
  if (!failure) return { bytes: 0, open: () => [] };
  const { message, messageBytes: bytes } = failure;
  if (message.length === bytes) return { bytes, open: () => (bytes > 0 ? [message] : []) };
  return { bytes, open: () => openText(failure, failure.messageHash, source) };
}

function openText(failure: FailureRow, textHash: string, source: TextSource): Pieces {
  const { traceId, expiresAt: failureExpiresAt } = failure;
  const { reader, scope, signal } = source;
  return reader.stackText({ textHash, traceId, failureExpiresAt }, scope, signal);
}
