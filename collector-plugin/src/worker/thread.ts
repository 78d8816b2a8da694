/**
 * A worker thread: everything between the transport and ClickHouse. It is started by
 * `body-worker.ts` with a {@link ThreadData}, and ends when it is told to, after the last insert.
 */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { parentPort, workerData } from 'node:worker_threads';
import { attributeNames } from '../decode/attribute-names.ts';
import { spanMatters } from '../extract/span-rule.ts';
import { createIngest } from '../ingest/ingest.ts';
import { createStoreClient } from '../store/client.ts';
import { createTableRemaker } from '../store/remake-tables.ts';
import { createStore } from '../store/store.ts';
import { budgetOf } from './buffer-budget.ts';
import { createBodyProcessor } from './process-body.ts';
import {
  toErrorMessage,
  type FromThread,
  type ThreadData,
  type ToThread,
} from './thread-messages.ts';

if (!parentPort) throw new Error('This file runs in a worker thread.');
const port = parentPort;
const {
  clickhouse,
  slots,
  retentionMs,
  fsync,
  runIdAttributes,
  maxBodyBytes,
  budget,
  worker,
  workers,
  backlog,
} = workerData as ThreadData;

/**
 * The share of the budget that rows may wait in, beside the bodies that they come from: a batch that
 * grows stands in memory more than once until the garbage collector has come. With a half the process
 * took 2.1 times the budget at its peak, with a quarter 1.8. All workers divide it, and each has room for
 * a batch under way and another that grows.
 */
const ROWS_SHARE = 1 / 4;
const LEAST_ROWS_BYTES = 16 * 2 ** 20;
/** Of all workers together: more at once do not make ClickHouse faster, and leave it with more parts. */
const MAX_INSERTS = 3;

const client = createStoreClient(clickhouse);
const store = createStore({
  client,
  slots,
  retentionMs,
  tableRemaker: createTableRemaker(clickhouse, fsync),
  maxPendingBytes: Math.max(LEAST_ROWS_BYTES, (budget.maxBytes * ROWS_SHARE) / workers),
  maxInFlight: Math.ceil(MAX_INSERTS / workers),
});
const processBody = createBodyProcessor({
  ingest: createIngest(store),
  decodeOptions: { runIdNames: attributeNames(runIdAttributes), keep: spanMatters },
  maxBodyBytes,
  budget: budgetOf(budget, worker),
  isStoreFull: store.isFull,
});

const answer = (message: FromThread) => port.postMessage(message);
const waiting: ToThread[] = [];
let working = false;

/**
 * One message a turn of the event loop: a port hands over up to a thousand at once, and until the
 * last of them was worked on no insert would go out and none come back.
 */
async function work(): Promise<void> {
  working = true;
  for (let message = waiting.shift(); message; message = waiting.shift()) {
    if (message.type === 'close') return close();
    start(message);
    message = undefined;
    await nextTurn();
  }
  working = false;
}

function start({ id, body, handedBytes }: Extract<ToThread, { type: 'body' }>): void {
  processBody(body).then(
    (ingested) => answer({ type: 'stored', id, ingested }),
    (error: unknown) => answer({ type: 'failed', id, error: toErrorMessage(error) }),
  );
  Atomics.sub(backlog, 0, handedBytes);
}

async function close(): Promise<void> {
  await store.close();
  await client.close();
  port.close();
}

port.on('message', (message: ToThread) => {
  waiting.push(message);
  if (!working) void work();
});
answer({ type: 'ready' });
