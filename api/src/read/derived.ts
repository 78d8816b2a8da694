import { hash } from 'node:crypto';
import { filledForm } from '@failtrace/collector-plugin/schema';
import type { FilledForm } from '@failtrace/collector-plugin/schema';
import { StorageUnavailable } from '../errors.ts';
import type { FailureRow } from './rows.ts';

/** Whether a stack text was recorded with the failure. */
export function hasStackText({ textHash }: Pick<FailureRow, 'textHash'>): boolean {
  return textHash !== '';
}

/**
 * The form of the template of a failure's stack text, with what belongs into its holes.
 *
 * @throws StorageUnavailable where the row does not have what its form asks for
 */
export function textForm(failure: FailureRow): FilledForm {
  try {
    return filledForm(failure);
  } catch (cause) {
    if (!(cause instanceof RangeError)) throw cause;
    throw new StorageUnavailable('The stored failure is incomplete.', { cause });
  }
}

/** Bytes of the whole stack text as recorded; 0 when there is none. */
export function stackTextBytes(failure: FailureRow): number {
  const { templateBytes, holes } = textForm(failure);
  return holes.reduce(
    (sum, { content }) => sum + (content?.length ?? failure.messageBytes),
    templateBytes,
  );
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
