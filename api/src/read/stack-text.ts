import { addAbortSignal } from 'node:stream';
import type { ClickHouseClient } from '@clickhouse/client';
import { tables } from '@failtrace/collector-plugin/schema';
import { stackTextExpiry } from '@failtrace/contract';
import { textStream } from './limits.ts';
import type { Seconds } from './rows.ts';
import { inTraces } from './record-places.ts';
import type { Scope } from './scope.ts';
import { readSettings } from './select.ts';
import { toStorageError } from './storage-errors.ts';
import { textBody } from './text-body.ts';

/** Names one stored text: a stack text without its message, or a long message. */
export interface StackTextRef {
  /** 32 hex digits. */
  textHash: string;
  /** The trace of a failure that needs the text: whoever may see that failure may read it. */
  traceId: string;
  /** When the failure that needs the text expires. The text itself stays for a day or two longer. */
  failureExpiresAt: Seconds;
}

// A chunk may stand there more than once with the same bytes, hence the LIMIT BY. The exact
// expiry picks one partition out of all that the retention keeps.
const sql = (condition: string) => `
  SELECT content FROM ${tables.stackTexts}
  WHERE text_hash = toFixedString(unhex({text_hash:String}), 16)
    AND expires_at = {expires_at:DateTime('UTC')}
    AND 1 IN (
      SELECT 1 FROM ${tables.runRecords}
      WHERE ${condition}
        AND trace_id = toFixedString(unhex({trace_id:String}), 16)
        AND (text_hash = toFixedString(unhex({text_hash:String}), 16)
          OR message_hash = toFixedString(unhex({text_hash:String}), 16))
      LIMIT 1
    )
  ORDER BY chunk
  LIMIT 1 BY chunk
  FORMAT RawBLOB`;

/**
 * Streams a text as it is stored: a stack text has its message cut out. No more than a few pieces are
 * read ahead of the consumer. Leaving the iteration early closes the connection, which ends the query.
 *
 * Whether all bytes came is not known here; who puts the message back can count them.
 *
 * @throws StorageUnavailable also in mid-stream
 */
export async function* readStackText(
  client: ClickHouseClient,
  ref: StackTextRef,
  scope: Scope,
  signal: AbortSignal | undefined,
): AsyncGenerator<Uint8Array, void, undefined> {
  try {
    const { sql: condition, params } = inTraces([ref.traceId], scope);
    const { stream, response_headers: headers } = await client.exec({
      query: sql(condition),
      query_params: {
        text_hash: ref.textHash,
        trace_id: ref.traceId,
        expires_at: stackTextExpiry(ref.failureExpiresAt),
        ...params,
      },
      clickhouse_settings: { ...readSettings, ...textStream },
      ...(signal && { abort_signal: signal }),
    });
    // The client heeds the signal only until the response begins.
    if (signal) addAbortSignal(signal, stream);
    yield* textBody(stream, String(headers['x-clickhouse-exception-tag'] ?? ''));
  } catch (thrown) {
    throw toStorageError(thrown);
  }
}
