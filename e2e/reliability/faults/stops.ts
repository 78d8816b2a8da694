import type { Stage } from '../stage.ts';
import type { Fault } from './fault.ts';

/** Longer than the store waits for an insert. */
const LONGER_THAN_INSERTS_MS = 18_000;
/** Longer than a sender waits for an answer. */
const LONGER_THAN_SENDERS_MS = 12_000;

async function standStill({ pause, recovered }: Stage, pid: number, ms: number): Promise<void> {
  process.kill(pid, 'SIGSTOP');
  await pause(ms);
  const since = performance.now();
  process.kill(pid, 'SIGCONT');
  await recovered(since);
}

export const clickhouseStopped: Fault = {
  name: 'clickhouse-stopped',
  what: 'ClickHouse stands still for 18 s (`SIGSTOP`)',
  house: {},
  happen: (stage) => standStill(stage, stage.house.clickhouse.pid(), LONGER_THAN_INSERTS_MS),
};

export const receiverStopped: Fault = {
  name: 'receiver-stopped',
  what: 'The receiver stands still for 12 s (`SIGSTOP`)',
  house: {},
  happen: (stage) => standStill(stage, stage.house.receiver.pid(), LONGER_THAN_SENDERS_MS),
};
