import { addAbortSignal, type Readable } from 'node:stream';
import type { ClickHouseClient, ClickHouseSettings } from '@clickhouse/client';
import { createRowBinaryCursor } from '@failtrace/collector-plugin/schema';
import type { RowBinaryCursor } from '@failtrace/collector-plugin/schema';
import { requireOwnMemory } from '../large-reads.ts';
import { toStorageError } from './storage-errors.ts';

/** Milliseconds after which a query that has not answered in full counts as failed. */
const answerTimeout = 15_000;

/**
 * What holds for every query. `readonly=2` forbids writing and still lets settings through;
 * with it, ClickHouse may end a query whose client has gone.
 */
export const readSettings: ClickHouseSettings = {
  readonly: '2',
  cancel_http_readonly_queries_on_client_close: 1,
};

/** One query for a bounded number of rows. */
export interface Select<Row> {
  /** Ends without a `FORMAT` clause. Values come as `{name:Type}` parameters, never as text. */
  sql: string;
  params: Record<string, unknown>;
  settings: ClickHouseSettings;
  /** Reads one row off the cursor, in the order of the columns. */
  decode: (cursor: RowBinaryCursor) => Row;
}

/**
 * Runs a query and decodes its whole answer.
 *
 * @throws StorageUnavailable ClickHouse is unreachable, too slow, refuses, or answers nonsense
 * @throws PayloadTooLarge the answer is above the limits in `settings`
 */
export async function select<Row>(
  client: ClickHouseClient,
  query: Select<Row>,
  signal: AbortSignal | undefined,
): Promise<Row[]> {
  try {
    const timeout = AbortSignal.timeout(answerTimeout);
    const abort = signal ? AbortSignal.any([signal, timeout]) : timeout;
    const { stream } = await client.exec({
      query: `${query.sql} FORMAT RowBinary`,
      query_params: query.params,
      // An error after the first row would otherwise be appended to the rows.
      clickhouse_settings: { ...readSettings, wait_end_of_query: 1, ...query.settings },
      abort_signal: abort,
    });
    const cursor = createRowBinaryCursor(await wholeBody(addAbortSignal(abort, stream)));
    const rows: Row[] = [];
    while (!cursor.done()) rows.push(query.decode(cursor));
    return rows;
  } catch (thrown) {
    throw toStorageError(thrown);
  }
}

async function wholeBody(stream: Readable): Promise<Buffer> {
  const pieces: Buffer[] = [];
  for await (const piece of stream) pieces.push(requireOwnMemory(piece as Buffer));
  return Buffer.concat(pieces);
}
