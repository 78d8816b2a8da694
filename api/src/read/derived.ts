import { hash } from 'node:crypto';
import { filledHoles } from '@failtrace/collector-plugin/schema';
import type { FailureRow } from './rows.ts';

/** Whether a stack text was recorded with the failure. */
export function hasStackText({ textHash }: Pick<FailureRow, 'textHash'>): boolean {
  return textHash !== '';
}

/** Bytes of the whole stack text as recorded; 0 when there is none. */
export function stackTextBytes(failure: FailureRow): number {
  let bytes = failure.templateBytes;
  for (const { content } of filledHoles(failure)) bytes += content?.length ?? failure.messageBytes;
  return bytes;
}

/**
 * The same for failures of the same kind at the same place, in 16 hex digits: of the exception's type and
 * its stack text without what varies. Without a stack text the message has to tell them apart.
 */
export function fingerprint({ errorType, textHash, messageHash, message }: FailureRow): string {
  const place = textHash || messageHash || message;
  const seed = Buffer.concat([Buffer.from(errorType), separator, Buffer.from(place)]);
  return hash('sha256', seed, 'hex').slice(0, 16);
}

const separator = Buffer.from([0]);
