import { addAbortSignal, type Readable } from 'node:stream';
import type { ClickHouseClient, ClickHouseSettings } from '@clickhouse/client';
import { createRowBinaryCursor } from '@failtrace/collector-plugin/schema';
import type { RowBinaryCursor } from '@failtrace/collector-plugin/schema';
import { StorageUnavailable } from '../errors.ts';
import { requireOwnMemory } from '../large-reads.ts';
import { toStorageError } from './storage-errors.ts';

/** Milliseconds after which a query that has not answered in full counts as failed. */
const answerTimeout = 15_000;

/**
 * ClickHouse keeps an answer of up to so many bytes in memory until it is whole, and a longer one on its
 * disk. It takes the memory as it needs it. This is as much as an answer may have at all.
 */
const ANSWER_BUFFER_BYTES = 134_217_728;

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
 * The answer is held against the number of rows that ClickHouse says it has: where its disk is full, one
 * that it could not keep there comes with the status 200 and without its rows.
 *
 * @throws StorageUnavailable ClickHouse is unreachable, too slow, refuses, answers nonsense, or fewer
 *   rows than it found
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
    const { stream, summary } = await client.exec({
      query: `${query.sql} FORMAT RowBinary`,
      query_params: query.params,
      clickhouse_settings: {
        ...readSettings,
        // An error after the first row would otherwise be appended to the rows, and the number of rows
        // is known at the end alone.
        wait_end_of_query: 1,
        http_response_buffer_size: String(ANSWER_BUFFER_BYTES),
        ...query.settings,
      },
      abort_signal: abort,
    });
    const cursor = createRowBinaryCursor(await wholeBody(addAbortSignal(abort, stream)));
    const rows: Row[] = [];
    while (!cursor.done()) rows.push(query.decode(cursor));
    if (summary?.result_rows !== String(rows.length)) throw notAllRows(rows.length, summary);
    return rows;
  } catch (thrown) {
    throw toStorageError(thrown);
  }
}

function notAllRows(
  came: number,
  summary: { result_rows: string } | undefined,
): StorageUnavailable {
  return new StorageUnavailable('The storage gave an incomplete answer.', {
    cause: new Error(
      `Rows in the answer: ${came}; by X-ClickHouse-Summary: ${summary?.result_rows ?? 'it is missing'}`,
    ),
  });
}

async function wholeBody(stream: Readable): Promise<Buffer> {
  const pieces: Buffer[] = [];
  for await (const piece of stream) pieces.push(requireOwnMemory(piece as Buffer));
  return Buffer.concat(pieces);
}
