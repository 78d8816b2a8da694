import type { DemoRun } from './demo-services.ts';
import { scenarioNames } from './scenarios.ts';

const scenarioWidth = Math.max(...scenarioNames.map((name) => name.length));
const runIdWidth = 'run_'.length + 12;

const row = (runId: string, scenario: string, outcome: string, detail: string): string =>
  `${runId.padEnd(runIdWidth)}  ${scenario.padEnd(scenarioWidth)}  ${outcome.padEnd(7)}  ${detail}`.trimEnd();

export const tableHeader = row('RUN', 'SCENARIO', 'OUTCOME', 'ERROR');

/** One line for a run; a long message is cut to what a terminal shows. */
export function tableLine(run: DemoRun, width = 120): string {
  const last = run.attempts.at(-1);
  const error = last?.error ? `${last.error.type}: ${last.error.message}` : '';
  const tries = run.attempts.length > 1 ? `(${run.attempts.length} attempts) ` : '';
  const line = row(
    run.runId,
    run.scenario,
    run.outcome,
    `${tries}${error}`.replaceAll(/\s+/g, ' '),
  );
  return line.length > width ? `${line.slice(0, width - 1)}…` : line;
}
