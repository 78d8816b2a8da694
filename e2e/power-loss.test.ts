import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { startFailtrace, type FailtraceProcess } from './command/failtrace-process.ts';
import { oneFailure } from './command/one-failure.ts';
import { makeLoopDisk, needsDisks, type LoopDisk } from './disks/loop-disk.ts';

beforeEach(needsDisks);

const DISK_MEBIBYTES = 192;
const SENDERS = 4;
/** So many acknowledged runs, and some that are under way, before the power fails. */
const RUNS = 150;

async function start(disk: LoopDisk, env: Record<string, string>): Promise<FailtraceProcess> {
  const failtrace = await startFailtrace({ FAILTRACE_DATA_DIR: `${disk.directory}/data`, ...env });
  onTestFinished(async () => {
    // First the command, which would start its ClickHouse again.
    await failtrace.end('SIGKILL');
    for (const pid of failtrace.children) signal(pid, 'SIGKILL');
    await disk.remove();
  });
  return failtrace;
}

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

/** Sends runs until so many are acknowledged. What is sent stands in `ledger` once the answer is 200. */
async function sendRuns(otlpUrl: string, ledger: Map<string, string>): Promise<void> {
  let next = 0;
  const send = async () => {
    while (ledger.size < RUNS) {
      const runId = `run ${(next += 1)}`;
      const { body, stackText } = oneFailure(runId, `shop ${runId}`);
      const headers = { 'content-type': 'application/json' };
      const answer = await fetch(`${otlpUrl}/v1/traces`, { method: 'POST', headers, body });
      await answer.arrayBuffer();
      if (answer.status === 200) ledger.set(runId, stackText);
    }
  };
  await Promise.all(Array.from({ length: SENDERS }, send));
}

/** Stores runs until the power fails; and what is acknowledged, and the disk as it is found afterwards. */
async function runUntilPowerLoss(env: Record<string, string>) {
  const before = await makeLoopDisk(DISK_MEBIBYTES);
  const failtrace = await start(before, env);
  const acknowledged = new Map<string, string>();
  await sendRuns(failtrace.otlpUrl, acknowledged);
  for (const pid of [failtrace.pid, ...failtrace.children]) signal(pid, 'SIGSTOP');
  return { acknowledged, after: await before.afterPowerLoss() };
}

/** The acknowledged runs whose text is not what was sent. */
async function lostRuns(
  { dashboardUrl }: FailtraceProcess,
  acknowledged: ReadonlyMap<string, string>,
): Promise<string[]> {
  const lost: string[] = [];
  for (const [runId, stackText] of acknowledged) {
    const answer = await fetch(`${dashboardUrl}/api/runs/${encodeURIComponent(runId)}/trace`);
    if ((await answer.text()) !== stackText) lost.push(runId);
  }
  return lost;
}

describe('a loss of power', () => {
  it('takes nothing that was acknowledged, and failtrace starts again', async () => {
    const { acknowledged, after } = await runUntilPowerLoss({});
    expect(await lostRuns(await start(after, {}), acknowledged)).toEqual([]);
  });

  it('takes what was acknowledged where FAILTRACE_FSYNC is false, so this would be seen', async () => {
    const off = { FAILTRACE_FSYNC: 'false' };
    const { acknowledged, after } = await runUntilPowerLoss(off);
    expect(await lostRuns(await start(after, off), acknowledged)).not.toEqual([]);
  });
});
