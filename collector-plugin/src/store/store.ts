import { Readable } from 'node:stream';
import type { ClickHouseClient, ClickHouseSettings } from '@clickhouse/client';
import { LRUCache } from 'lru-cache';
import { OverloadedError, StorageUnavailableError } from '../errors.ts';
import type { Extracted } from '../extract/failure.ts';
import { Batch } from './batch.ts';
import { hasTexts, MOST_LOOKED_FOR, type TextPlace } from './known-texts.ts';
import { areTablesGone, type TableRemaker } from './remake-tables.ts';
import type { RowBinaryBuffer } from './row-binary-buffer.ts';
import { columns } from './rows.ts';
import { tables } from './schema.ts';
import type { ShardedRows } from './sharded-rows.ts';
import type { ShardSlots } from './shards.ts';

/** Takes what was extracted, and answers when ClickHouse has it. */
export interface Store {
  /**
   * Resolves when everything is in ClickHouse.
   *
   * @throws OverloadedError when too much is waiting already; nothing of this call was kept.
   * @throws StorageUnavailableError when ClickHouse did not take the batch. Parts of it may be
   *   stored: writing the same records again is safe, readers count them once.
   */
  write(extracted: Extracted): Promise<void>;
  /** Whether `write` would refuse now, for whoever can save the work before it. */
  isFull: () => boolean;
  /** Writes what is waiting and takes nothing more. */
  close(): Promise<void>;
}

/** How a {@link Store} batches. The defaults are the measured ones of `bench/README.md`. */
export interface StoreOptions {
  client: ClickHouseClient;
  /** How long rows are kept, in milliseconds. */
  retentionMs: number;
  /** Of the cluster that the tables are spread over; none by default. */
  slots?: ShardSlots;
  /** A batch of this many rows is sent at once. */
  batchRows?: number;
  /** A batch of this many bytes is sent at once. */
  batchBytes?: number;
  /** A batch waits at most this long for more, in milliseconds. */
  batchDelayMs?: number;
  /** So many batches may be under way at once. */
  maxInFlight?: number;
  /** More than this many bytes waiting or under way, and `write` refuses. */
  maxPendingBytes?: number;
  /**
   * A batch that ClickHouse has not taken after so long, in milliseconds, has failed. It waits for its
   * turn at most as long again, and then a Collector's own limit of 30 s is reached.
   */
  insertTimeoutMs?: number;
  /** Makes the tables where somebody has dropped them; by default nobody does. */
  tableRemaker?: TableRemaker;
  /** Milliseconds since the Unix epoch. */
  now?: () => number;
}

const KNOWN_TEXTS = 100_000;

/** Creates the one writer of failtrace's tables; `migrate` must have made them. */
export function createStore(options: StoreOptions): Store {
  const {
    client,
    retentionMs,
    slots = [],
    batchRows = 2_000,
    batchBytes = 8 * 1024 * 1024,
    batchDelayMs = 20,
    maxInFlight = 3,
    maxPendingBytes = 128 * 1024 * 1024,
    insertTimeoutMs = 15_000,
    tableRemaker,
    now = Date.now,
  } = options;
  const knownTexts = new LRUCache<string, true>({ max: KNOWN_TEXTS });
  const underWay = new Set<Promise<void>>();
  let bytesUnderWay = 0;
  let waiting: Batch | null = null;
  let timer: NodeJS.Timeout | undefined;
  let closed = false;

  function isComplete(batch: Batch): boolean {
    return batch.rows >= batchRows || batch.byteLength >= batchBytes;
  }

  function send(): void {
    clearTimeout(timer);
    timer = undefined;
    // At the limit the batch goes on growing, and is sent when another comes back.
    if (!waiting || underWay.size >= maxInFlight) return;
    const batch = waiting;
    waiting = null;
    bytesUnderWay += batch.byteLength;
    const sending = insertBatch(client, batch, AbortSignal.timeout(insertTimeoutMs))
      .then(
        () => batch.stored(knownTexts),
        (cause: unknown) => {
          knownTexts.clear();
          if (areTablesGone(cause)) tableRemaker?.start();
          batch.failed(storageUnavailable(cause));
        },
      )
      .finally(() => {
        bytesUnderWay -= batch.byteLength;
        underWay.delete(sending);
        if (waiting && (closed || timer === undefined)) send();
      });
    underWay.add(sending);
  }

  const isFull = () => bytesUnderWay + (waiting?.byteLength ?? 0) >= maxPendingBytes;

  return {
    isFull,
    write(extracted) {
      if (extracted.failures.length + extracted.runSpans.length === 0) return Promise.resolve();
      if (closed) return Promise.reject(new OverloadedError('failtrace is shutting down.'));
      if (isFull()) {
        return Promise.reject(
          new OverloadedError('Too many failures are waiting for ClickHouse. Try again later.'),
        );
      }
      const batch = (waiting ??= new Batch());
      batch.add(extracted, { knownTexts, slots, nowMs: now(), retentionMs });
      if (isComplete(batch)) send();
      else timer ??= setTimeout(send, batchDelayMs);
      return batch.done;
    },
    async close() {
      closed = true;
      send();
      while (underWay.size > 0) await Promise.all(underWay);
      await tableRemaker?.close();
    },
  };
}

/**
 * What a record points at, and what leads to it, goes first: a record is never found without its text,
 * and none that is acknowledged can stand where nothing leads to it.
 */
async function insertBatch(
  client: ClickHouseClient,
  batch: Batch,
  deadline: AbortSignal,
): Promise<void> {
  const insertShards = (table: keyof typeof columns, shards: ShardedRows) =>
    [...shards].map(([shard, rows]) => insertRows(client, table, rows, deadline, onShard(shard)));
  const [areThere] = await Promise.all([
    hasReliedTexts(client, batch.reliedPlaces, deadline),
    ...insertShards(tables.stackTexts, batch.stackTexts),
    ...insertShards(tables.recordKeys, batch.keys),
  ]);
  if (!areThere) await Promise.all(insertShards(tables.stackTexts, batch.reliedTexts));
  await insertRows(client, tables.runRecords, batch.records, deadline);
}

/** Where it cannot be found out they are written again, which does no harm. */
async function hasReliedTexts(
  client: ClickHouseClient,
  places: readonly TextPlace[],
  deadline: AbortSignal,
): Promise<boolean> {
  if (places.length === 0) return true;
  if (places.length > MOST_LOOKED_FOR) return false;
  return hasTexts(client, places, deadline).catch(() => false);
}

async function insertRows(
  client: ClickHouseClient,
  table: keyof typeof columns,
  rows: RowBinaryBuffer,
  deadline: AbortSignal,
  settings: ClickHouseSettings = {},
): Promise<void> {
  if (rows.rows === 0) return;
  const { stream, summary } = await client.exec({
    query: `INSERT INTO ${table} (${columns[table]}) FORMAT RowBinary`,
    values: Readable.from([rows.toBuffer()], { objectMode: false }),
    // The answer must mean that the rows are stored: no server-side queue, no early header.
    clickhouse_settings: { async_insert: 0, wait_end_of_query: 1, ...settings },
    abort_signal: deadline,
  });
  await stream.resume().toArray();
  // In a cluster rows count once more on their way to a shard.
  if (!(Number(summary?.written_rows) >= rows.rows)) {
    throw new Error(
      `Of ${rows.rows} rows for ${table} ClickHouse says it wrote ${summary?.written_rows ?? 'nothing'}`,
    );
  }
}

/** To this shard alone, past the rule by which `Distributed` would choose one. */
function onShard(shard: number): ClickHouseSettings {
  return shard === 0 ? {} : { insert_shard_id: String(shard) };
}

function storageUnavailable(cause: unknown): StorageUnavailableError {
  return new StorageUnavailableError('ClickHouse did not take the failures. Try again later.', {
    cause,
  });
}
