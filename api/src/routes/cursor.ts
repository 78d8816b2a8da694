import { isRunId, RUN_ID_MAX_CHARACTERS } from '@failtrace/contract';
import { z } from 'zod';
import type { Position } from '../read/candidates.ts';
import { maxNamespaceLength } from './schemas.ts';

const content = z.tuple([
  z
    .string()
    .regex(/^\d{1,19}$/)
    .transform(BigInt)
    .refine((endedAt) => endedAt < 2n ** 63n),
  z.string().refine((runId) => runId === '' || isRunId(runId)),
  // In a search with the id of the run before it.
  z.string().max(RUN_ID_MAX_CHARACTERS * 2 + 1 + maxNamespaceLength),
]);

/** A place in the list as an opaque string that needs no escaping in a URL. */
export function encodeCursor({ endedAt, runId, namespace }: Position): string {
  const place = JSON.stringify([String(endedAt), runId, namespace]);
  return Buffer.from(place).toString('base64url');
}

/** The place that a cursor stands for; undefined when it is none of ours. */
export function decodeCursor(cursor: string): Position | undefined {
  if (!/^[\w-]+$/.test(cursor)) return undefined;
  try {
    const text = Buffer.from(cursor, 'base64url').toString('utf8');
    const [endedAt, runId, namespace] = content.parse(JSON.parse(text));
    return { endedAt, runId, namespace };
  } catch {
    return undefined;
  }
}
