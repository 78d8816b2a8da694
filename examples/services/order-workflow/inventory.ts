import { workFor } from './pause.ts';

class StockReservationError extends Error {
  override readonly name = 'StockReservationError';
}

class RepositoryError extends Error {
  override readonly name = 'RepositoryError';
}

class ReplicaUnavailableError extends Error {
  override readonly name = 'ReplicaUnavailableError';
}

class LockTimeoutError extends Error {
  override readonly name = 'LockTimeoutError';
}

const replicas = [
  { host: 'inventory-db-0.shop.internal', problem: 'connect ECONNREFUSED 10.0.3.11:5432' },
  {
    host: 'inventory-db-1.shop.internal',
    problem: 'the connection was closed while authenticating',
  },
];

/** Reserves stock while the database is away: the error has causes, three levels deep. */
export async function reserveStock(orderNumber: number): Promise<never> {
  await workFor(30);
  try {
    return await findStockLevels(orderNumber);
  } catch (cause) {
    throw new StockReservationError(`no stock could be reserved for order ${orderNumber}`, {
      cause,
    });
  }
}

async function findStockLevels(orderNumber: number): Promise<never> {
  const query = 'SELECT sku, on_hand FROM stock_level WHERE order_no = $1 FOR UPDATE';
  try {
    return await queryAnyReplica();
  } catch (cause) {
    throw new RepositoryError(`query failed on every replica: ${query} [$1 = ${orderNumber}]`, {
      cause,
    });
  }
}

async function queryAnyReplica(): Promise<never> {
  const problems: Error[] = [];
  for (const replica of replicas) {
    // One after the other: the second replica is asked only when the first has failed.
    // oxlint-disable-next-line no-await-in-loop
    problems.push(await connect(replica).catch((problem: Error) => problem));
  }
  throw new AggregateError(problems, 'no replica answered within 250 ms');
}

async function connect({ host, problem }: (typeof replicas)[number]): Promise<never> {
  await workFor(10);
  try {
    return openSocket(problem);
  } catch (cause) {
    throw new ReplicaUnavailableError(`${host} did not accept a connection`, { cause });
  }
}

function openSocket(problem: string): never {
  throw Object.assign(new Error(problem), { code: 'ECONNREFUSED', syscall: 'connect' });
}

/** Waits for a row lock that another order holds: fails with a LockTimeoutError. */
export async function lockStockRows(orderNumber: number): Promise<never> {
  await workFor(60);
  return waitForLock(orderNumber, 5_000);
}

function waitForLock(orderNumber: number, timeoutMs: number): never {
  throw new LockTimeoutError(
    `canceling statement due to lock timeout: order ${orderNumber} waited ${timeoutMs} ms for ` +
      `relation "stock_level", held by backend 48213`,
  );
}
