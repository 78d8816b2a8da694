import type { ClickHouseAddress } from '@failtrace/contract/server';
import { ReceiveError, type ReceiveErrorCode } from '../errors.ts';
import type { Ingested } from '../ingest/ingest.ts';
import type { SharedBudget } from './buffer-budget.ts';
import type { ShardSlots } from '../store/shards.ts';
import type { PackedBody } from './packed-body.ts';

/** What a worker thread is started with. */
export interface ThreadData extends WorkerData {
  /** Which of the workers it is, from 0. */
  worker: number;
  /** The bytes of the bodies that were handed over and are not decoded yet. */
  backlog: Uint32Array<SharedArrayBuffer>;
}

/** What all workers are told. */
export interface WorkerData {
  clickhouse: ClickHouseAddress;
  /** Of the cluster that the tables are spread over; empty without one. */
  slots: ShardSlots;
  /** How long rows are kept, in milliseconds. */
  retentionMs: number;
  /** See `readFsync`; for tables that have to be made again. */
  fsync: boolean;
  runIdAttributes: readonly string[];
  maxBodyBytes: number;
  budget: SharedBudget;
  /** How many workers there are. */
  workers: number;
}

/** What a worker thread is told. */
export type ToThread =
  | {
      type: 'body';
      id: number;
      body: PackedBody;
      /** What it adds to the backlog. */ handedBytes: number;
    }
  | { type: 'close' };

/** What a worker thread answers. */
export type FromThread =
  | { type: 'ready' }
  | { type: 'stored'; id: number; ingested: Ingested }
  | { type: 'failed'; id: number; error: ErrorMessage };

/**
 * An error on its way between two threads. The structured clone of an Error would lose its class and
 * its code, by which it is told to the sender and to the log.
 */
export interface ErrorMessage {
  name: string;
  message: string;
  stack?: string | undefined;
  code?: unknown;
  /** ClickHouse's name for an error. */
  type?: unknown;
  cause?: ErrorMessage | undefined;
  /** The code, where it is a ReceiveError. */
  receive?: ReceiveErrorCode | undefined;
}

/** How many causes of an error are passed on. */
const MAX_CAUSES = 3;

export function toErrorMessage(error: unknown, causes = MAX_CAUSES): ErrorMessage {
  if (!(error instanceof Error)) return { name: 'Error', message: `a thrown ${typeof error}` };
  const { code, type } = error as { code?: unknown; type?: unknown };
  return {
    name: error.name,
    message: error.message,
    stack: error.stack,
    ...(typeof code === 'string' && { code }),
    ...(typeof type === 'string' && { type }),
    ...(error instanceof ReceiveError && { receive: error.code }),
    ...(error.cause !== undefined &&
      causes > 0 && { cause: toErrorMessage(error.cause, causes - 1) }),
  };
}

export function fromErrorMessage(sent: ErrorMessage): Error {
  const { name, message, stack, code, type, receive } = sent;
  const cause = sent.cause && { cause: fromErrorMessage(sent.cause) };
  const error = receive ? new ReceiveError(receive, message, cause) : new Error(message, cause);
  return Object.assign(error, {
    name,
    stack: stack ?? '',
    ...(code !== undefined && { code }),
    ...(type !== undefined && { type }),
  });
}
