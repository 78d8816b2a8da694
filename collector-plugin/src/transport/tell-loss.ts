import type { Logger } from '@failtrace/contract/server';
import { ReceiveError } from '../errors.ts';

/** What is known of a sender whose batch was refused. */
export interface RefusedSender {
  remoteAddress: string | undefined;
  userAgent: string | undefined;
  /** What it says that it sends, packed; NaN where it does not say. */
  bytes: number;
}

/** A sender may write anything there. */
const USER_AGENT_CHARACTERS = 120;

/**
 * Says that a batch was too long to be taken. SDKs drop such a batch whole and may not say so themselves, and nobody would
 * ever miss its failures. One line, however many there are: see `createLogger`.
 */
export function tellLoss(
  logger: Logger,
  error: unknown,
  { remoteAddress, userAgent, bytes }: RefusedSender,
): void {
  if (!(error instanceof ReceiveError) || error.code !== 'body_too_large') return;
  logger.warn(
    {
      err: error,
      ...(remoteAddress !== undefined && { remoteAddress }),
      ...(userAgent !== undefined && { userAgent: userAgent.slice(0, USER_AGENT_CHARACTERS) }),
      ...(Number.isFinite(bytes) && { bytes }),
    },
    'A batch was refused for its length, and its failures are lost: senders do not send it again. Let them send smaller batches (OTEL_BSP_MAX_EXPORT_BATCH_SIZE), or raise FAILTRACE_MAX_BODY_BYTES.',
  );
}
