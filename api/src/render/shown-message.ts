import type { Reader } from '../read/reader.ts';
import type { FailureRow } from '../read/rows.ts';
import type { Scope } from '../read/scope.ts';
import type { RunView } from '../reconstruct/run-view.ts';

/** What a record shows of a message. */
export interface ShownMessage {
  text: string;
  /** Whether the message is longer. */
  truncated: boolean;
}

/** Beginnings of messages that are too long for their rows, by their hash. */
export type MessageHeads = ReadonlyMap<string, Uint8Array>;

/** Where the beginnings of messages come from, for one caller. */
export interface MessageHeadSource {
  reader: Pick<Reader, 'messageHeads'>;
  scope: Scope;
  signal: AbortSignal;
}

/** Reads the beginnings of those messages that these runs show, and whose rows do not have them whole. */
export function readMessageHeads(
  runs: readonly RunView[],
  { reader, scope, signal }: MessageHeadSource,
): Promise<MessageHeads> {
  const cut = runs.flatMap(({ shown }) => (shown && isCut(shown) ? [shown] : []));
  return reader.messageHeads(cut, scope, signal);
}

/** What a record shows of the message of a failure. */
export function shownMessage(failure: FailureRow | undefined, heads: MessageHeads): ShownMessage {
  if (!failure) return { text: '', truncated: false };
  const head = heads.get(failure.messageHash);
  const known = isCut(failure) && head ? head : failure.message;
  const truncated = known.length < failure.messageBytes;
  return { text: decode(known, truncated), truncated };
}

function isCut({ message, messageBytes }: FailureRow): boolean {
  return message.length < messageBytes;
}

/** A cut may go through a character; what is left of it is not shown. */
function decode(bytes: Uint8Array, cut: boolean): string {
  return new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes, { stream: cut });
}
