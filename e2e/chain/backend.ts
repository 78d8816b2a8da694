import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setInterval as ticks } from 'node:timers/promises';
import {
  runDemo,
  type DemoRun,
  type FailureLogLine,
  type RunDemoOptions,
} from '@failtrace/examples/services';
import type { Chain } from './chain.ts';

/** A run of the demo services, with what they wrote into their own log about it. */
export interface LoggedRun extends DemoRun {
  /** In the order in which they were written. */
  log: readonly FailureLogLine[];
}

/** What the API says of a run, as far as it tells whether everything has arrived. */
interface ArrivedRun {
  status: string;
  attempt_list: { trace_id: string; failures: { service: string }[] }[];
}

const arrivalLimitMs = 60_000;

/**
 * Runs the demo services against a chain, and waits until the API knows of everything that they
 * logged. Where a Collector stands between, an SDK's "sent" only means that the Collector has it.
 */
export async function runBackend(
  { otlpEndpoint, dashboardUrl }: Chain,
  options: Pick<RunDemoOptions, 'protocol' | 'scenarios' | 'runIdPrefix'>,
): Promise<LoggedRun[]> {
  const directory = await mkdtemp(path.join(tmpdir(), 'failtrace-backend-'));
  try {
    const logFile = path.join(directory, 'backend.log');
    const { runs } = await runDemo({ ...options, otlpEndpoint, logFile });
    const lines = (await readFile(logFile, 'utf8')).split('\n').filter((line) => line !== '');
    const log = lines.map((line): FailureLogLine => JSON.parse(line));
    const logged = runs.map((run) => ({
      ...run,
      log: log.filter((line) => line.run_id === run.runId),
    }));
    await Promise.all(logged.map((run) => arrival(dashboardUrl, run)));
    return logged;
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

async function arrival(dashboardUrl: string, run: LoggedRun): Promise<void> {
  const deadline = Date.now() + arrivalLimitMs;
  for await (const _ of ticks(100)) {
    const response = await fetch(`${dashboardUrl}/api/runs/${encodeURIComponent(run.runId)}`);
    const text = await response.text();
    if (response.ok && hasArrived(JSON.parse(text), run)) return;
    if (Date.now() > deadline) {
      throw new Error(`${run.scenario} (${run.runId}) did not arrive whole: ${text}`);
    }
  }
}

function hasArrived({ status, attempt_list: attempts }: ArrivedRun, run: LoggedRun): boolean {
  const known = new Set(
    attempts.flatMap(({ trace_id: trace, failures }) =>
      failures.map(({ service }) => `${trace} ${service}`),
    ),
  );
  return (
    status === run.expected &&
    attempts.length === run.attempts.length &&
    run.log.every((line) => known.has(`${line.trace_id} ${line.service}`))
  );
}
